"""A share that drifts is found, one that merely varies is not."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import numpy as np
import pytest

from expectations.drift import null_drift, share_drift
from tests.expectations.series import END, ask, days

SHARES = share_drift("s", "select day, subject, part, row_count from counted", "x")
WEEKLY = share_drift("s", "select day, subject, part, row_count from counted", "x", days=7)
NULLS = null_drift("rows", "day", ("member_id", "staff_id"), "x")


def counted(shares: list[float], rows: int, seed: int = 1) -> duckdb.DuckDBPyConnection:
    """Cash and card by day, cash with these shares."""
    draws = np.random.default_rng(seed)
    cash = draws.binomial(rows, shares)
    connection = duckdb.connect(":memory:")
    connection.execute(
        "create table counted as select unnest(?) as day, 'cash' as subject, unnest(?) as part, "
        "part as row_count union all select unnest(?), 'card', ? - unnest(?) as n, n",
        [days(), cash.tolist(), days(), rows, cash.tolist()],
    )
    return connection


def steady(last: float) -> list[float]:
    return [0.4] * (len(days()) - 1) + [last]


def test_chance_alone_is_quiet() -> None:
    connection = counted(steady(0.4), 300)

    assert [ask(connection, SHARES, END - timedelta(n)) for n in range(50)] == [[]] * 50


def test_a_share_that_moves_is_found_for_its_date() -> None:
    assert ask(counted(steady(0.8), 400), SHARES) == [("card", END), ("cash", END)]


def test_few_rows_say_nothing() -> None:
    assert ask(counted(steady(0.9), 200), SHARES) == []


def test_what_swings_every_week_may_swing() -> None:
    swinging = [0.2 if day.weekday() < 5 else 0.6 for day in days()]
    swinging[-1] = 0.5

    assert ask(counted(swinging, 400), SHARES) == []


def test_a_subject_that_stops_coming_is_found() -> None:
    connection = counted(steady(0.4), 800)
    connection.execute("delete from counted where subject = 'cash' and day = ?", [END])

    assert ("cash", END) in ask(connection, SHARES)


def test_a_week_is_compared_with_weeks() -> None:
    few = [0.4] * (len(days()) - 7) + [0.8] * 7

    assert ask(counted(few, 60), SHARES) == []
    assert len(ask(counted(few, 60), WEEKLY)) == 2


@pytest.mark.parametrize("lost", [0, 100, 400])
def test_a_column_that_empties_is_found(lost: int) -> None:
    """Of 400 rows a day 160 name a member; on the last day so many fewer."""
    connection = duckdb.connect(":memory:")
    connection.execute(
        "create table rows as select d as day, case when n < 160 - if(d = ?, ?, 0) then 'M' end "
        "as member_id, 'T' as staff_id from (select unnest(?) as d), range(400) as numbers (n)",
        [END, lost, days()],
    )

    assert ask(connection, NULLS) == ([("member_id", END)] if lost else [])
