"""The scorecard: a row a target, its numbers from kpi_daily, its status from its numbers."""

from expectations.mart_rules import mart_suite
from expectations.marts.kpi_target import KEY
from expectations.model import in_set, no_result, no_rows, reconciles

ADDITIVE = ("net_sales", "receipts", "new_customers", "members_net_add", "tickets")
STOCKS = ("members", "active_customers_90d")

SUITE = mart_suite(
    "kpi_scorecard",
    KEY,
    in_set("status", ("on_track", "behind", "met", "missed"), acceptable=False),
    reconciles(
        "every_target_has_a_row",
        "select count(*) from {table}",
        "select count(*) from marts.kpi_target",
        "Targets and rows of the scorecard do not go together: report it.",
    ),
    no_rows(
        "nothing_measured_before_the_beginning",
        "(measured_to is null) <> (period_start > {as_of}) "
        "or measured_to not between period_start and period_end "
        "or (measured_to is null and (actual_to_date is not null or status is not null))",
        "A target's period is measured on days that are not its own, or are still to come: report "
        "it.",
        acceptable=False,
    ),
    no_rows(
        "decided_when_over",
        "(status in ('on_track', 'behind') and measured_to = period_end) or (status is null "
        "and measured_to = period_end and actual_to_date is not null and target_value is not null)",
        "A period that is over is met or missed: report it.",
        acceptable=False,
    ),
    no_rows(
        "status_needs_numbers",
        "status is not null and (actual_to_date is null or target_value is null)",
        "A target has a status although its actual value or the target itself is unknown: report "
        "it.",
        acceptable=False,
    ),
    no_rows(
        "elapsed_within_business_days",
        "elapsed_business_days < 0 or elapsed_business_days > business_days "
        "or business_days > date_diff('day', period_start, period_end) + 1",
        "More business days have passed than there are, or than the period has days: report it.",
        acceptable=False,
    ),
    no_rows(
        "actual_is_ratio",
        "actual_denominator <> 0 and actual_numerator is not null and "
        "abs(actual_to_date - cast(actual_numerator as double) / actual_denominator) "
        "> {rate_tolerance} * greatest(1, abs(actual_to_date))",
        "actual_to_date is not its numerator divided by its denominator: report it.",
        acceptable=False,
    ),
    no_result(
        "sums_equal_days",
        f"select {', '.join(KEY)} from (select here.*, (select sum(days.numerator) "
        "from marts.kpi_daily as days where days.kpi = here.kpi "
        "and days.scope_type = here.scope_type and days.scope_key = here.scope_key "
        "and days.business_date between here.period_start and here.measured_to) as summed "
        f"from {{table}} as here where here.kpi in {ADDITIVE}) as sums "
        "where actual_numerator <> coalesce(summed, 0)",
        "A sum of the scorecard is not that of its days in kpi_daily: report it.",
    ),
    no_result(
        "stocks_equal_last_day",
        f"select {', '.join('here.' + name for name in KEY)} from {{table}} as here "
        "inner join marts.kpi_daily as days on days.kpi = here.kpi "
        "and days.scope_type = here.scope_type and days.scope_key = here.scope_key "
        f"and days.business_date = here.measured_to where here.kpi in {STOCKS} "
        "and here.actual_to_date <> days.value",
        "A stock of the scorecard is not that of its last day in kpi_daily: report it.",
    ),
    dates=("measured_to",),
    text_columns=("note",),
)
