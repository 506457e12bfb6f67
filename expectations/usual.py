"""How much of something is usual on such a day, in SQL: the volume rules compare with it.

Usual is the median of the same weekday in the weeks before, public holidays counting as Sundays,
times how much more (or less) was sold at that time of year a year before. A day is out of the
ordinary when it lies beyond a fixed ratio and beyond what chance made of the weeks before: six
times their median deviation, and half as far again as the widest of them. Little is never judged:
a shop with a handful of receipts has days without any.
"""

from __future__ import annotations

HISTORY_DAYS = 2 * 7 * 8 + 7
"""Days that the rules read: the eight weeks before a day, and the eight before each of these."""

_KIND = (
    "case when {day} in (select holiday_date from plans.holidays where group_id = 'all') then 7 "
    "else isodow({day}) end"
)

_SEASON = (
    "season as (select coalesce(greatest(0.5, least(2.0, "
    "avg(amount) filter (where day > {as_of} - 368 and day <= {as_of} - 361) "
    "/ nullif(avg(amount) filter (where day > {as_of} - 424 and day <= {as_of} - 368), 0))), 1.0) "
    "as factor from (select day, sum(amount) as amount from daily group by day) "
    "having count(*) filter (where day <= {as_of} - 368) >= 50)"
)


def unusual_today(daily: str, least: str = "{min_usual_amount}") -> str:
    """A query of `subject, ratio`: what is unusual on the as-of date, and how far from usual.

    `daily` is a query of `subject, day, amount` with a row for each day that is judged or compared
    with, zeros included, at most one a subject and day. Where less than `least` is usual, nothing
    is judged.
    """
    return (
        f"with daily as ({daily}), {_SEASON}, "
        "factors as (select coalesce((select factor from season), 1.0) as factor), "
        f"kinds as (select *, {_KIND.format(day='day')} as kind from daily "
        f"where day > {{as_of}} - {HISTORY_DAYS} and day <= {{as_of}}), "
        "compared as (select *, median(amount) over earlier as usual, "
        "count(*) over earlier as weeks from kinds window earlier as "
        "(partition by subject, kind order by day "
        "rows between cast({weeks_compared} as integer) preceding and 1 preceding)), "
        # An amount of nothing counts as a tenth: its logarithm must stay a number.
        "ratios as (select *, amount / usual as plain_ratio, ln(greatest(amount, 0.1) / usual) "
        "as deviation from compared "
        f"where usual >= {least} and usual > 0 "
        "and weeks >= {min_weeks_compared}), "
        "noise as (select subject, coalesce(mad(deviation), 0) as typical, "
        "coalesce(max(abs(deviation)) filter (where plain_ratio between {min_volume_to_usual} "
        "and {max_volume_to_usual}), 0) as widest "
        "from ratios where day < {as_of} and day >= {as_of} - 56 "
        "group by subject), "
        "newest as (select subject, amount / (usual * factor) as ratio, "
        "ln(greatest(amount, 0.1) / (usual * factor)) as deviation "
        "from ratios cross join factors where day = {as_of}) "
        "select newest.subject, newest.ratio from newest "
        "left join noise using (subject) "
        "where (ratio < {min_volume_to_usual} or ratio > {max_volume_to_usual}) "
        "and abs(newest.deviation) > {deviations_to_typical} * 1.4826 * coalesce(typical, 0) "
        "and abs(newest.deviation) > {deviations_to_widest} * coalesce(widest, 0)"
    )


def unusual_weeks(daily: str) -> str:
    """A query of the one row `ratio` if the newest seven days are unusual against eight weeks.

    `daily` is a query of `day, amount`; days of nothing may be missing. For what comes in bursts,
    such as e-mails, where one day says nothing.
    """
    return (
        "with weeks as (select cast(date_diff('day', day, {as_of}) // 7 as integer) as age, "
        f"sum(amount) as amount from ({daily}) "
        "where day <= {as_of} and day > {as_of} - 7 * (1 + cast({weeks_compared} as integer)) "
        "group by age), "
        "earlier as (select median(amount) as usual from weeks where age > 0 "
        "having count(*) >= {weeks_compared} and min(amount) >= {min_usual_amount}), "
        "noise as (select max(abs(ln(weeks.amount / earlier.usual))) as widest "
        "from weeks cross join earlier where age > 0), "
        "newest as (select coalesce(sum(amount), 0) as amount from weeks where age = 0) "
        "select amount / usual as ratio from newest cross join earlier cross join noise "
        "where (amount / usual < {min_volume_to_usual} or amount / usual > {max_volume_to_usual}) "
        "and abs(ln(greatest(amount, 0.1) / usual)) > {deviations_to_widest} * widest"
    )
