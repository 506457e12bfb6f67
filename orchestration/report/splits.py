"""Changes split into parts that add up to them, exactly: fractions, no rounding.

A product's and a ratio's change have no part that belongs to one factor alone. Each factor is
given its change at the mean of what the other was before and after, so that neither the order of
the factors nor a remainder matters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

Pair = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Effect:
    """One part of a change, in the unit of what changed; `detail` says what it comes from."""

    name: str
    amount: Fraction
    detail: str = ""


def split_product(before: Pair, after: Pair) -> Pair:
    """The change of a total, as the part of its count and the part of the value of one.

    Args:
        before, after: count and total. Without a count there is no value of one, and the whole
            change is the count's.
    """
    (count_0, total_0), (count_1, total_1) = before, after
    change = total_1 - total_0
    if not count_0 or not count_1:
        return change, Fraction(0)
    of_count = (count_1 - count_0) * (total_0 / count_0 + total_1 / count_1) / 2
    return of_count, change - of_count


def split_ratio(before: Pair, after: Pair) -> Pair:
    """The change of numerator ÷ denominator, as the parts of the two; denominators are not 0."""
    (above_0, below_0), (above_1, below_1) = before, after
    of_numerator = (above_1 - above_0) * (1 / below_0 + 1 / below_1) / 2
    return of_numerator, above_1 / below_1 - above_0 / below_0 - of_numerator


def split_mix(
    before: Mapping[str, Pair], after: Mapping[str, Pair]
) -> tuple[dict[str, Fraction], Fraction]:
    """The change of a rate of groups: by what changed within each, and by their shares.

    Args:
        before, after: numerator and denominator by group; a group without a denominator on one
            side has no rate there, and what it brings or takes belongs to the shares.
    """
    total_0, total_1 = (sum((d for _, d in side.values()), Fraction(0)) for side in (before, after))
    within: dict[str, Fraction] = {}
    for group in before.keys() & after.keys():
        (above_0, below_0), (above_1, below_1) = before[group], after[group]
        if below_0 and below_1:
            share = (below_0 / total_0 + below_1 / total_1) / 2
            within[group] = (above_1 / below_1 - above_0 / below_0) * share
    rate_0, rate_1 = (
        sum((a for a, _ in side.values()), Fraction(0)) / total
        for side, total in ((before, total_0), (after, total_1))
    )
    return within, rate_1 - rate_0 - sum(within.values(), Fraction(0))


def rounded(parts: Sequence[Fraction], step: Fraction) -> list[Fraction]:
    """Parts rounded to multiples of `step` that add up to their rounded sum.

    What rounding leaves goes to the largest part, where it is seen least.
    """
    result = [round(part / step) * step for part in parts]
    rest = round(sum(parts, Fraction(0)) / step) * step - sum(result, Fraction(0))
    if rest:
        result[max(range(len(parts)), key=lambda i: abs(parts[i]))] += rest
    return result
