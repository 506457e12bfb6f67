"""Rules about how much came: of a day against such days, of a week against the weeks before."""

from __future__ import annotations

from expectations.model import Rule, Severity, no_result
from expectations.usual import HISTORY_DAYS, unusual_today, unusual_weeks

_YEAR_BEFORE = 424
"""Days back to which the season of a year before is read."""

_STORE_DAYS = (
    "select stores.store_id as subject, dates.date_key as day, "
    "coalesce(sold.receipts, 0) as amount from (select store_id, min(business_date) as first_day "
    "from marts.store_daily group by store_id) as sellers "
    "inner join marts.dim_store as stores using (store_id) "
    "inner join marts.dim_date as dates on dates.date_key >= sellers.first_day "
    "and dates.date_key <= coalesce(stores.closed_on, dates.date_key) "
    f"and dates.date_key > {{as_of}} - {_YEAR_BEFORE} and dates.date_key <= {{as_of}} "
    "left join marts.store_daily as sold "
    "on sold.store_id = stores.store_id and sold.business_date = dates.date_key "
    "where not exists (select 1 from plans.store_closings as closings "
    "where closings.scope_key in ('all', stores.store_id) "
    "and (closings.closed_on = dates.date_key "
    "or closings.day_of_week = isodow(dates.date_key)))"
)


def unusual_store_days() -> Rule:
    """A warning about stores whose receipts of the as-of date are far from usual.

    Days that `plans.store_closings` plans as closed are neither judged nor compared with.
    """
    return no_result(
        "store_days_near_usual",
        "select subject as store_id, {as_of} as business_date from "
        f"({unusual_today(_STORE_DAYS)})",
        "A store has far fewer or more receipts than usual on that weekday. Was it closed, or open "
        "for half the day? Enter the day in the plan of store closings. Else ask the store for its "
        "export again.",
        row_id=("store_id", "business_date"),
        severity=Severity.WARNING,
        acceptable=True,
    )


def near_weekday_median(name: str, column: str, table: str, *, least: str, what: str) -> Rule:
    """A warning when the sum of `column` on the as-of date is far from usual.

    `least` is the usual sum below which nothing is judged; `what` names it for people.
    """
    daily = (
        f"select 'all' as subject, date_key as day, coalesce(sum({column}), 0) as amount "
        f"from marts.dim_date left join {table} on business_date = date_key "
        f"where date_key > {{as_of}} - {_YEAR_BEFORE} and date_key <= {{as_of}} group by date_key"
    )
    return Rule(
        name,
        f"coalesce((select any_value(ratio) from ({unusual_today(daily, least)})), 1)",
        f"{what} of the last day are far from the median of that weekday (1 is equal): shops may "
        "have been closed, a file be incomplete or doubled, or there was a sale. Compare with the "
        "stores; accept the date if it is real.",
        low="min_volume_to_usual",
        high="max_volume_to_usual",
        severity=Severity.WARNING,
        acceptable=True,
    )


def week_near_usual(name: str, day: str, what: str, table: str = "{table}") -> Rule:
    """A warning when the rows of the newest seven days are far from those of eight weeks."""
    daily = (
        f"select {day} as day, count(*) as amount from {table} "
        f"where {day} > {{as_of}} - {HISTORY_DAYS} group by {day}"
    )
    return Rule(
        name,
        f"coalesce((select any_value(ratio) from ({unusual_weeks(daily)})), 1)",
        f"{what} of the last seven days are far from the median of eight weeks (1 is equal): an "
        "export may have stopped or be doubled. Check the delivery of the feed; accept the date if "
        "it is real.",
        low="min_volume_to_usual",
        high="max_volume_to_usual",
        severity=Severity.WARNING,
        acceptable=True,
    )


def newest_age(column: str, feed: str, *, what: str) -> tuple[Rule, Rule]:
    """A warning, and later a stop, when the newest row of a feed is old; empty tables pass.

    What comes in bursts may be as old as half again the widest gap of the year before.
    """
    gaps = (
        "select max(day - before) from (select day, lag(day) over (order by day) as before from "
        f"(select distinct cast({column} as date) as day from {{table}} "
        f"where {column} > {{now}} - interval 365 day))"
    )
    hours = f"date_diff('hour', max({column}), {{now}})"
    age = f"case when {hours} > 36 * coalesce(({gaps}), 0) then {hours} / 24.0 else 0 end"
    words = (
        f"The newest {what} is so many days older than the run, more than the widest gap of a "
        "year explains: an export may have stopped. Check the delivery of the feed."
    )
    name = f"newest_{what.replace(' ', '_')}_age_days"
    limit = f"max_{feed}_age_days"
    return (
        Rule(name, age, words, high=limit, severity=Severity.WARNING, acceptable=True),
        Rule(f"{name}_critical", age, words, high=f"{limit}_critical", acceptable=True),
    )
