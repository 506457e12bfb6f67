"""Lifetime value: the customers' values add up to their receipts."""

from expectations.mart_rules import known_customers, mart_suite, share
from expectations.model import no_rows, not_null, reconciles

SUITE = mart_suite(
    "customer_ltv",
    ("customer_key",),
    not_null("ltv_historic"),
    not_null("prediction_status"),
    known_customers(),
    reconciles(
        "customers_equal_dimension",
        "select count(*) from {table}",
        "select count(*) from marts.dim_customer where not is_internal",
        "customer_ltv must hold every customer but internal accounts: report it.",
    ),
    reconciles(
        "value_equals_receipts",
        "select sum(ltv_historic) from {table}",
        "select sum(receipts.net_sales_order_dated) from marts.fct_sales_receipt as receipts "
        "join {table} as lifetime_values using (customer_key) "
        "where receipts.business_date >= lifetime_values.first_q_date",
        "The customers' historic values do not add up to their receipts since the first order: "
        "report it.",
    ),
    reconciles(
        "orders_equal_receipts",
        "select sum(q_orders) from {table}",
        "select count(*) from marts.fct_sales_receipt "
        "where is_qualifying and customer_key is not null",
        "The customers' orders do not add up to the qualifying receipts: report it.",
    ),
    no_rows(
        "no_average_without_orders",
        "(coalesce(q_orders, 0) = 0) <> (average_order_value is null)",
        "The average order value must be NULL without orders, and have a value with some: report "
        "it.",
        acceptable=False,
    ),
    share("cost_coverage"),
    dates=("first_q_date", "last_q_date"),
    has_customer_key=True,
)
