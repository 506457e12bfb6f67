"""The unit of a published column, told by its name and type.

Names follow rules (`_rate` is a share, `_min_` are minutes), so a rule is enough for nearly all;
the rest is listed. A number that no rule knows is an error: no new column stays without.
"""

from __future__ import annotations

import re

from orchestration.catalog.tables import Column

AMOUNT = "amount"
SHARE = "share"
_BY_TYPE = {"varchar": "", "boolean": "yes/no", "date": "date", "timestamp": "instant (UTC)"}

_LISTED = {
    "amount before tax or with it": ("line_amount", "line_discount_amount"),
    "points": ("nps", "se"),
    "points of the programme": (
        "points_used_365d",
        "points_earned_365d",
        "points_net_365d",
    ),
    "score, 0 to 10": ("nps_last",),
    "score, 1 to 5": ("csat_score", "csat_last", "r_score", "f_score", "m_score", "fm_score"),
    "-1 to 1": ("sentiment", "mean_sentiment", "tier_change"),
    "0 to 1": ("first_tier", "latest_tier", "score"),
    "ratio": (
        *("lift", "lift_low", "lift_high", "lift_adjusted", "lift_adjusted_low"),
        *("lift_adjusted_high", "points_used_rate", "attributed_sales_per_cost", "gap_cv"),
        *("achievement", "actual_to_predicted"),
    ),
    "relative change": (
        *("naive_change_rel", "lift_rel", "aov_trend", "yoy_change", "comparable_yoy_change"),
        "tickets_change_rate",
    ),
    SHARE: (
        *("support", "confidence", "leverage", "p_alive", "churn_risk", "retention", "csat"),
        *("conversion", "conversion_first_time", "cost_coverage", "csat_365d", "tax_rate"),
        *("contact_after_purchase_365d",),
    ),
    "bits": ("category_entropy",),
    "standard errors": ("balance_z",),
    "per thousand receipts": ("tickets_per_1000_receipts",),
    "unit of the metric": (
        *("treated_pre", "treated_post", "treated_yoy", "control_pre", "control_post"),
        *("control_pre_value", "control_post_value", "naive_change", "baseline_value"),
        *("lift_abs", "did", "did_low", "did_high", "incremental_total", "incremental_low"),
        *("incremental_high", "success_value", "success_threshold"),
    ),
    "unit of the KPI": (
        *("numerator", "denominator", "value", "target_raw", "base_value", "target_value"),
        *("actual_numerator", "actual_denominator", "actual_to_date", "pace_target"),
        *("prev_period_value", "comparable_value", "comparable_yoy_value", "pre_value"),
        *("post_value", "yoy_value"),
    ),
    "units of the product": ("quantity",),
    "months": ("months_since", "months_in_group", "membership_months"),
    "hour of the day": ("day_cutover_hour",),
    "weekday, 1 is Monday": ("day_of_week", "preferred_weekday"),
    "number": (
        *("line_no", "message_no", "event_no", "step_no", "step", "link_number", "plan_line"),
        *("change_number", "product_rank", "list_rank", "year", "iso_week", "first_line"),
    ),
    AMOUNT: (
        *("amount", "cost", "monetary", "aov", "ltv_simple", "unit_cost", "unit_price"),
        *("list_price", "predicted_value", "value_at_risk", "average_order_value"),
        *("expected_order_value", "cost_per_conversion", "revenue_per_recipient"),
        *("total_inc_tax", "amount_inc_tax", "actual_net_sales", "predicted_net_sales"),
    ),
    "count": ("expected_n_ab", "bias", "mae", "rmse", "naive_mae", "sentiment_sum"),
}
_IN_TABLE = {
    **{
        ("campaign_effect", column): "unit of the metric"
        for column in ("lift_low", "lift_high", "pre_value", "post_value", "yoy_value")
    },
    ("fct_survey_response", "score"): "scale of the question",
}
"""Where a name means something else than elsewhere."""

_BY_NAME = {column: unit for unit, columns in _LISTED.items() for column in columns}

_RULES = [
    (re.compile(pattern), unit)
    for pattern, unit in (
        (r"_min(_|$)", "minutes"),
        (r"^seconds_", "seconds"),
        (r"hours", "hours"),
        (r"_rate$|_rate_|_share$|_share_|open_rate", SHARE),
        (r"(^|_)days(_|$)|days$", "days"),
        (r"^aov_|net_sales|_amount|^ltv_|margin|discount_|order_value|points_amount", AMOUNT),
        (r"orders", "count"),
    )
]
_WHOLE = ("bigint", "integer")


def unit_of(table: str, column: Column) -> str:
    """The unit of a column of a table, empty for text.

    Raises:
        KeyError: it holds numbers, and nothing says of what.
    """
    if column.type in _BY_TYPE:
        return _BY_TYPE[column.type]
    listed = _IN_TABLE.get((table, column.name)) or _BY_NAME.get(column.name)
    if listed:
        return listed
    for pattern, unit in _RULES:
        if pattern.search(column.name) and not _is_count(column, unit):
            return unit
    if column.type in _WHOLE:
        return "count"
    raise KeyError(
        f"no unit for {column.name} ({column.type}): add it to orchestration/catalog/units.py"
    )


def _is_count(column: Column, unit: str) -> bool:
    """A whole number under a name of money or a share counts something."""
    return column.type in _WHOLE and unit in (AMOUNT, SHARE)
