"""Cycles of categories: counts that add up, and the same purchase days as purchase_timing."""

from expectations.mart_rules import mart_suite, share
from expectations.model import in_set, no_result, no_rows, not_null, reconciles

SUITE = mart_suite(
    "category_replenishment",
    ("category_level", "category", "scope_type", "scope_key"),
    in_set("category_level", ("widest", "narrowest"), acceptable=False),
    in_set("scope_type", ("all", "store"), acceptable=False),
    *(not_null(column) for column in ("buyers", "repeat_buyers", "purchase_days", "n_gaps")),
    share("repeat_buyer_rate"),
    share("followed_rate"),
    reconciles(
        "buyers_are_those_of_purchase_timing",
        "select sum(buyers) from {table} where category_level = 'widest' and scope_type = 'all'",
        "select count(*) from marts.purchase_timing where category <> 'all'",
        "The buyers of a category are not those that purchase_timing knows: report it.",
    ),
    reconciles(
        "days_are_those_of_purchase_timing",
        "select sum(purchase_days) from {table} "
        "where category_level = 'widest' and scope_type = 'all'",
        "select sum(n_purchase_days) from marts.purchase_timing where category <> 'all'",
        "The purchase days of a category are not those of purchase_timing: report it.",
    ),
    no_result(
        "stores_add_up_to_all",
        "with stores as (select category, sum(buyers) as buyers, sum(n_gaps) as n_gaps "
        "from {table} where scope_type = 'store' group by category) "
        "select whole.category_level, whole.category, whole.scope_type, whole.scope_key "
        "from {table} as whole left join stores using (category) "
        "where whole.category_level = 'widest' and whole.scope_type = 'all' "
        "and (stores.buyers is distinct from whole.buyers "
        "or stores.n_gaps is distinct from whole.n_gaps)",
        "Every buyer belongs to the store of the first order: the stores of a category must add up "
        "to the whole. Report it.",
    ),
    no_rows(
        "gaps_lie_between_purchase_days",
        "n_gaps <> purchase_days - buyers or repeat_buyers > least(buyers, n_gaps)",
        "Gaps are purchase days less buyers: report it.",
        acceptable=False,
    ),
    no_rows(
        "quartiles_in_order",
        "p25_gap_days < 1 or p25_gap_days > median_gap_days or median_gap_days > p75_gap_days "
        "or abs(cycle_days - median_gap_days) > 0.5 "
        "or (cycle_days is null) <> (median_gap_days is null)",
        "Quartiles of the gaps are out of order, or the cycle is not the median: report it.",
        acceptable=False,
    ),
    no_rows(
        "every_buyer_is_due_or_not",
        "customers_not_due + customers_due + customers_lapsed <> buyers "
        "or (cycle_days is null) <> (customers_due is null) "
        "or followed_purchase_days > matured_purchase_days "
        "or matured_purchase_days > purchase_days",
        "Each buyer is not yet due, due or lapsed, once there is a cycle: report it.",
        acceptable=False,
    ),
    text_columns=("category", "scope_key"),
)
