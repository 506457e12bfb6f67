"""Changes split into effects: worked by hand, and adding up for any numbers."""

from __future__ import annotations

import random
from fractions import Fraction

from orchestration.report.splits import rounded, split_mix, split_product, split_ratio


def _pair(one: int, other: int) -> tuple[Fraction, Fraction]:
    return Fraction(one), Fraction(other)


def test_sales_are_receipts_times_their_value() -> None:
    """10 receipts of 100 become 12 of 150: two more at 125, and 50 more on 11."""
    assert split_product(_pair(10, 1000), _pair(12, 1800)) == (250, 550)


def test_without_receipts_the_whole_change_is_theirs() -> None:
    assert split_product(_pair(0, -300), _pair(4, 1000)) == (1300, 0)
    assert split_product(_pair(4, 1000), _pair(0, 0)) == (-1000, 0)


def test_a_rate_is_numerator_over_denominator() -> None:
    """20 of 100 become 30 of 150: the rate stands still, and both say why."""
    of_numerator, of_denominator = split_ratio(_pair(20, 100), _pair(30, 150))
    assert of_numerator == Fraction(10) * (Fraction(1, 100) + Fraction(1, 150)) / 2
    assert of_denominator == -of_numerator


def test_a_rate_of_stores_changes_within_them_or_by_their_shares() -> None:
    """Equal rates within, and the store with the higher one grows from half to three quarters."""
    before = {"low": _pair(10, 100), "high": _pair(30, 100)}
    assert split_mix(before, {"low": _pair(10, 100), "high": _pair(90, 300)}) == (
        {"low": 0, "high": 0},
        Fraction(5, 100),
    )
    within, between = split_mix(before, {"low": _pair(20, 100), "high": _pair(30, 100)})
    assert (within, between) == ({"low": Fraction(5, 100), "high": 0}, 0)


def test_a_store_that_opened_changes_the_shares() -> None:
    within, between = split_mix(
        {"old": _pair(10, 100)}, {"old": _pair(10, 100), "new": _pair(50, 100)}
    )
    assert (within, between) == ({"old": 0}, Fraction(20, 100))


def test_effects_add_up_for_any_numbers() -> None:
    dice = random.Random(7)
    for _ in range(300):
        before, after = (_pair(dice.randint(-50, 999), dice.randint(1, 99)) for _ in range(2))
        assert sum(split_ratio(before, after)) == after[0] / after[1] - before[0] / before[1]
        assert sum(split_product(before[::-1], after[::-1])) == after[0] - before[0]
        sides = [{s: _pair(dice.randint(0, 99), dice.randint(0, 9)) for s in "abc"} for _ in "01"]
        totals = [[sum(column) for column in zip(*side.values(), strict=True)] for side in sides]
        if totals[0][1] and totals[1][1]:
            within, between = split_mix(*sides)
            change = totals[1][0] / totals[1][1] - totals[0][0] / totals[0][1]
            assert sum(within.values()) + between == change


def test_rounded_effects_add_up_to_the_rounded_change() -> None:
    """Three thirds of 1 round to nothing each; the rest goes to the largest."""
    assert rounded([Fraction(1, 3), Fraction(1, 3), Fraction(2, 3)], Fraction(1)) == [0, 0, 1]
    assert rounded([Fraction(3, 2), Fraction(5, 2), Fraction(9, 2)], Fraction(1)) == [2, 2, 4]
    assert rounded([Fraction(13, 10), Fraction(14, 10)], Fraction(1)) == [1, 2]
    assert rounded([], Fraction(1)) == []
