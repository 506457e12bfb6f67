"""Days from the first event to the as-of date, without a gap."""

from expectations.mart_rules import mart_suite
from expectations.model import Rule, no_result, no_rows

SUITE = mart_suite(
    "dim_date",
    ("date_key",),
    Rule(
        "days_without_gap",
        "coalesce(date_diff('day', min(date_key), max(date_key)) + 1 - count(*), 0)",
        "Days are missing between the first and the last, so a calendar would have holes: report "
        "it.",
        low=0,
        high=0,
    ),
    no_rows(
        "day_of_week_in_range",
        "day_of_week is distinct from isodow(date_key)",
        "day_of_week must be 1 on Mondays and 7 on Sundays: report it.",
        acceptable=False,
    ),
    no_result(
        "covers_sales",
        "select distinct business_date as date_key from marts.fct_sales_receipt as sales "
        "where not exists "
        "(select 1 from {table} as days where days.date_key = sales.business_date)",
        "Sales lie on days that the calendar lacks, so a join would lose them: report it.",
    ),
    dates=("date_key",),
)
