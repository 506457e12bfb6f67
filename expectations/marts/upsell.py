"""Price tiers of a customer's first and latest purchases in a category."""

from expectations.mart_rules import known_customers, mart_suite, share
from expectations.model import in_set, no_result, no_rows, not_null

SUITE = mart_suite(
    "upsell",
    ("customer_key", "category"),
    not_null("first_tier"),
    not_null("latest_tier"),
    not_null("upsell_flag"),
    not_null("direction"),
    in_set("direction", ("up", "same", "down"), acceptable=False),
    share("first_tier"),
    share("latest_tier"),
    known_customers(),
    no_rows(
        "enough_purchase_days",
        "n_purchase_days < 4 or first_purchase_date >= latest_purchase_date",
        "Two purchase days at either end are compared; whoever has fewer has no row: report it.",
        acceptable=False,
    ),
    no_rows(
        "change_is_latest_less_first",
        "abs(tier_change - (latest_tier - first_tier)) > {rate_tolerance} "
        "or upsell_flag <> (direction = 'up') or (direction = 'up' and tier_change <= 0) "
        "or (direction = 'down' and tier_change >= 0)",
        "tier_change, direction and upsell_flag must say the same as the two tiers: report it.",
        acceptable=False,
    ),
    no_result(
        "no_more_days_than_purchases",
        "select {row_id} from {table} as here where not exists (select 1 "
        "from marts.purchase_timing as there where there.category = 'all' "
        "and there.customer_key = here.customer_key "
        "and there.n_purchase_days >= here.n_purchase_days "
        "and there.last_purchase_date >= here.latest_purchase_date)",
        "A category has more or later purchase days than the customer has in all: report it.",
    ),
    dates=("first_purchase_date", "latest_purchase_date"),
    text_columns=("category",),
    has_customer_key=True,
)
