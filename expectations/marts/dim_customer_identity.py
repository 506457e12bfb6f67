"""The bridge from records to customers, with the spells of the past."""

from expectations.mart_rules import mart_suite
from expectations.model import between, in_set, no_result, no_rows, not_null, unique
from identity.rules import RULES

SUITE = mart_suite(
    "dim_customer_identity",
    ("source_system", "source_id", "link_number"),
    not_null("customer_key"),
    not_null("linked_on"),
    in_set("source_system", ("pos", "email", "support"), acceptable=False),
    in_set("match_rule", (*RULES, "own_record"), acceptable=False),
    between("confidence", "0", "1"),
    unique(("source_system", "source_id"), where="is_current", name="one_customer_a_record"),
    no_rows(
        "spells_end_after_they_begin",
        "unlinked_on < linked_on or is_current <> (unlinked_on is null)",
        "A spell must end after it began, and the open one is the current one: report it.",
        acceptable=False,
    ),
    no_result(
        "current_customers_are_the_dimension",
        "select customer_key from {table} where is_current except "
        "select customer_key from marts.dim_customer union all "
        "(select customer_key from marts.dim_customer except "
        "select customer_key from {table} where is_current)",
        "dim_customer must hold exactly the customers that some record belongs to: report it.",
        row_id=("customer_key",),
    ),
    no_result(
        "customers_vanish_only_by_a_logged_change",
        "select customer_key from {table} where not is_current and unlinked_on = {as_of} "
        "and (source_system, source_id) in "
        "(select (source_system, source_id) from {table} where is_current) "
        "except select old_customer_key from marts.customer_key_change",
        "A record changed its customer and customer_key_change does not say so: report it.",
        row_id=("customer_key",),
    ),
    has_customer_key=True,
)
