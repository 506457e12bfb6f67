"""Shares that drift: of a category in sales, of a method in payments, of rows without a value.

The newest window (a day, or seven where little comes a day) is compared with those of the eight
weeks before. A share has drifted when it lies beyond a fixed difference from their median, beyond
six times their median deviation, and half as far again from it as the widest of them. Windows of
few rows say nothing and are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from expectations.model import Rule, Severity, no_result

_WEEKS = 8

_TAIL = (
    "shares as (select subject, age, part / whole as share from measured "
    "where row_count >= {min_drift_rows} and whole > 0), "
    "usual as (select subject, median(share) as usual, mad(share) as typical, "
    "count(*) as windows from shares where age > 0 group by subject), "
    "noise as (select usual.*, (select max(abs(shares.share - usual.usual)) from shares "
    "where shares.subject = usual.subject and shares.age > 0) as widest from usual "
    "where windows >= {min_windows}) "
    "select shares.subject, {as_of} as drifted_on from shares join noise using (subject) "
    "where shares.age = 0 and abs(share - usual) > {min_share_drift} "
    "and abs(share - usual) > {deviations_to_typical} * 1.4826 * typical "
    "and abs(share - usual) > {deviations_to_widest} * widest"
)


def share_drift(name: str, daily: str, explain: str, *, days: int = 1) -> Rule:
    """A warning when a subject's share of the whole drifts.

    `daily` is a query of `day, subject, part, row_count`; the whole is the sum over all subjects.
    `days` is the length of a window.
    """
    measured = (
        f"windows as (select {_age(days)} as age, subject, sum(cast(part as double)) as part, "
        f"sum(row_count) as row_count from ({daily}) where {_history('day')} group by all), "
        "wholes as (select age, sum(part) as whole, sum(row_count) as row_count from windows "
        "group by age), "
        "subjects as (select distinct subject from windows where subject is not null), "
        "measured as (select subjects.subject, wholes.age, coalesce(windows.part, 0) as part, "
        "wholes.whole, wholes.row_count from wholes cross join subjects left join windows "
        "on windows.subject = subjects.subject and windows.age = wholes.age)"
    )
    return _rule(name, measured, explain, days)


def null_drift(
    table: str, day: str, columns: Sequence[str], explain: str, *, days: int = 1
) -> Rule:
    """A warning when the share of rows without a value drifts, for any of `columns`.

    `table` is what to read, its placeholder or a join; `day` the column that dates a row.
    """
    counts = ", ".join(f"count(*) - count({column}) as {column}" for column in columns)
    measured = (
        f"counted as (select {_age(days, day)} as age, count(*) as row_count, {counts} "
        f"from {table} where {_history(day)} group by age), "
        "measured as (select subject, age, cast(part as double) as part, "
        "cast(row_count as double) as whole, row_count from "
        f"(unpivot counted on {', '.join(columns)} into name subject value part))"
    )
    return _rule(name_of_nulls(columns), measured, explain, days)


def name_of_nulls(columns: Sequence[str]) -> str:
    """The name of the rule about these columns."""
    return "missing_values_steady" if len(columns) > 1 else f"{columns[0]}_missing_steady"


def _rule(name: str, measured: str, explain: str, days: int) -> Rule:
    least = max(4, _WEEKS * 7 // days // 2)
    return no_result(
        name,
        f"with {measured}, {_TAIL.replace('{min_windows}', str(least))}",
        explain,
        row_id=("subject", "drifted_on"),
        severity=Severity.WARNING,
        acceptable=True,
    )


def _age(days: int, day: str = "day") -> str:
    """Number of a window: 0 is the newest."""
    return f"cast(floor(date_diff('day', {day}, {{as_of}}) / {days}.0) as integer)"


def _history(day: str) -> str:
    return f"{day} <= {{as_of}} and {day} > {{as_of}} - {_WEEKS * 7 + 7}"
