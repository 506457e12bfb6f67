"""What is unusual is found, and fifty clean nights of many shops are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from expectations.model import Rule, no_result
from expectations.usual import unusual_weeks
from expectations.volumes import near_weekday_median, unusual_store_days
from tests.expectations.series import END, HOLIDAY, ask, connect, days, receipts

STORES = unusual_store_days()


def company(connection, as_of: date = END) -> list[tuple]:
    """What the rule about the sum of all stores measures, if it is unusual."""
    rule = near_weekday_median(
        "receipts", "receipts", "{table}", least="{min_usual_amount}", what="Receipts"
    )
    query = rule.measure.removeprefix("coalesce((").removesuffix("), 1)")
    return [row for row in ask(connection, replace(rule, bad_rows=query), as_of) if row != (None,)]


def test_fifty_nights_of_ten_shops_are_quiet() -> None:
    shops = {f"S{n}": receipts(level, n) for n, level in enumerate([4, 8, 15, 40, 120] * 2)}
    connection = connect(shops)

    found = [ask(connection, STORES, END - timedelta(n)) for n in range(50)]
    sums = [company(connection, END - timedelta(n)) for n in range(50)]

    assert [rows for rows in found + sums if rows] == []


def test_a_new_shop_is_quiet_from_its_first_day_on() -> None:
    counts = receipts(100, 1)
    new = [0] * (len(counts) - 60) + receipts(60, 2)[-60:]
    connection = connect({"OLD": counts, "NEW": new})

    assert [ask(connection, STORES, END - timedelta(n)) for n in range(60)] == [[]] * 60


@pytest.mark.parametrize(
    ("share", "is_found"), [(0, True), (0.1, True), (0.4, False), (2, False), (5, True)]
)
def test_a_day_far_from_usual_is_found(share: float, is_found: bool) -> None:
    """Usual on a Tuesday are some 80 receipts; beyond a fifth and three times of it is far."""
    counts = receipts(100, 1)
    changed = [*counts[:-1], round(80 * share)]
    connection = connect({"S1": changed, "S2": receipts(50, 2)})

    assert ask(connection, STORES) == ([("S1", END)] if is_found else [])


def test_a_small_shop_without_any_receipt_is_quiet() -> None:
    assert ask(connect({"S1": [*receipts(10, 1)[:-1], 0]}), STORES) == []


def test_a_planned_closing_is_quiet() -> None:
    connection = connect({"S1": [*receipts(100, 1)[:-1], 0]})
    assert ask(connection, STORES) == [("S1", END)]

    connection.execute("insert into plans.store_closings values ('S1', ?, null)", [END])

    assert ask(connection, STORES) == []


def test_a_shop_that_is_closed_on_sundays_is_quiet_on_holidays() -> None:
    """The holiday is a Friday."""
    counts = [
        0 if day.isoweekday() == 7 or day == HOLIDAY else count
        for day, count in zip(days(), receipts(100, 1), strict=True)
    ]
    connection = connect({"S1": counts})
    assert ask(connection, STORES, HOLIDAY) == []

    connection.execute("delete from plans.holidays")

    assert ask(connection, STORES, HOLIDAY) == [("S1", HOLIDAY)]


def test_one_closed_day_does_not_hide_the_next() -> None:
    counts = receipts(100, 1)
    counts[-8] = 0
    counts[-1] = 0

    assert ask(connect({"S1": counts}), STORES) == [("S1", END)]


def test_shops_of_a_wild_business_may_be_wild() -> None:
    """Every fourth week brings a tenth of the usual: that is how it is there."""
    counts = [100 if n // 7 % 4 else 25 for n in range(len(days()))]
    counts[-1] = 19

    assert ask(connect({"S1": counts}), STORES) == []


def test_all_stores_together_are_compared_as_well() -> None:
    """Three stores, none of them great enough to be judged by itself, bring nothing."""
    shops = {f"S{n}": [*receipts(20, n)[:-1], 0] for n in range(3)}
    connection = connect(shops)

    assert ask(connection, STORES) == []
    assert company(connection) == [(0,)]


WEEK = no_result("week", unusual_weeks("select business_date as day, receipts as amount "
                                       "from marts.store_daily"), "")  # fmt: skip


@pytest.mark.parametrize(
    ("last_week", "rule", "is_found"),
    [(60, WEEK, False), (5, WEEK, True), (0, WEEK, True), (500, WEEK, True)],
)
def test_a_week_is_compared_with_eight(last_week: int, rule: Rule, is_found: bool) -> None:
    counts = [50] * (len(days()) - 7) + [last_week] * 7

    assert bool(ask(connect({"S1": counts}), rule)) == is_found


def test_weeks_of_little_are_not_compared() -> None:
    """A retailer that writes now and then: some weeks have nothing to compare with."""
    counts = [50 if n // 14 % 2 else 0 for n in range(len(days()) - 7)] + [0] * 7

    assert ask(connect({"S1": counts}), WEEK) == []
