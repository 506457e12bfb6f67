"""Households: customers who share a key, in groups of a household's size."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.model import no_result, no_rows, not_null

MAX_CUSTOMERS = 12
"""As `household_max_customers` of the dbt project."""

SUITE = mart_suite(
    "household",
    ("customer_key",),
    not_null("household_key"),
    not_null("n_customers"),
    not_null("shared_by"),
    known_customers(),
    no_rows(
        "household_key_opaque",
        "not regexp_full_match(household_key, 'h[0-9a-f]{24}')",
        "household_key is not the opaque key that the warehouse makes: report it.",
        acceptable=False,
    ),
    no_rows(
        "shared_by_known",
        "not regexp_full_match(shared_by, '(address|email|phone)(,(email|phone))*')",
        "shared_by names something other than address, email and phone: report it.",
        acceptable=False,
    ),
    no_result(
        "size_is_the_number_of_rows",
        "select customer_key from {table} "
        "qualify count(*) over (partition by household_key) is distinct from n_customers",
        "A household has another number of customers than its rows say: report it.",
    ),
    no_rows(
        "size_of_a_household",
        f"n_customers not between 2 and {MAX_CUSTOMERS}",
        "A household has one customer or more than a household can have. Such groups are taken "
        "apart before: report it.",
        acceptable=False,
    ),
    no_result(
        "same_household_as_dim_customer",
        "select coalesce(here.customer_key, customers.customer_key) as customer_key "
        "from {table} as here full join marts.dim_customer as customers using (customer_key) "
        "where here.household_key is distinct from customers.household_key",
        "dim_customer names another household than this table: report it.",
    ),
    has_customer_key=True,
)
