"""Trends and spread of each customer's purchases: the sums are those of the receipts."""

from expectations.mart_rules import known_customers, mart_suite, share
from expectations.model import no_rows, not_null, reconciles

SUITE = mart_suite(
    "customer_tastes",
    ("customer_key",),
    not_null("upsell_categories"),
    share("top_category_share_365d"),
    share("top_category_share_previous_365d"),
    known_customers(),
    reconciles(
        "everybody_is_in_it",
        "select count(*) from {table}",
        "select count(*) from marts.dim_customer where not is_internal",
        "Every person but internal accounts has a row: report it.",
    ),
    reconciles(
        "order_values_are_those_of_receipts",
        "select sum(order_value_90d + order_value_previous_90d) from {table}",
        "select sum(net_sales_order_dated) from marts.fct_sales_receipt inner join "
        "marts.dim_customer as person using (customer_key) where not person.is_internal "
        "and is_qualifying and business_date > {as_of} - 180",
        "The orders of the two windows do not add up to the receipts: report it.",
    ),
    reconciles(
        "upsell_categories_are_those_of_upsell",
        "select sum(upsell_categories) from {table}",
        "select count(*) from marts.upsell where upsell_flag",
        "The categories do not add up to the rows of upsell: report it.",
    ),
    no_rows(
        "trend_follows_from_order_values",
        "(aov_trend is null) <> (aov_90d is null or aov_previous_90d is null) "
        "or abs(aov_trend - (aov_90d / aov_previous_90d - 1)) > {rate_tolerance} "
        "or (orders_90d = 0) <> (aov_90d is null)",
        "aov_trend must compare the two order values: report it.",
        acceptable=False,
    ),
    no_rows(
        "spread_is_of_a_known_category",
        "category_entropy < 0 or (category_entropy is null) <> (top_category_365d is null) "
        "or (category_entropy > 0 and top_category_share_365d = 1)",
        "A single category has no spread: report it.",
        acceptable=False,
    ),
    text_columns=("top_category_365d", "top_category_previous_365d"),
    has_customer_key=True,
)
