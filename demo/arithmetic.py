"""The arithmetic of a receipt, as a register does it: whole yen, nothing lost.

Discounts of the whole receipt and points (a discount) are spread over the merchandise by largest
remainder; tax is computed once a rate and receipt and rounded down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TAX_PERCENTS = (0, 8, 10)
_GROUPS = len(TAX_PERCENTS) * 2


@dataclass(frozen=True)
class Amounts:
    """What a register adds up. Lines are sorted by receipt; `receipt` counts from 0.

    Over lines: `amount` (quantity x unit price - own discount, signed yen), `tax_percent`,
    `tax_included`, `is_merchandise` (bears discounts of the receipt), `is_revenue` (bears tax).
    Over receipts: `discount` and `points`, signed like what they lower.
    """

    receipt: NDArray[np.int64]
    amount: NDArray[np.int64]
    tax_percent: NDArray[np.int64]
    tax_included: NDArray[np.bool_]
    is_merchandise: NDArray[np.bool_]
    is_revenue: NDArray[np.bool_]
    discount: NDArray[np.int64]
    points: NDArray[np.int64]


@dataclass(frozen=True)
class Totals:
    """Over receipts: `total` with tax, `tax`, `net_sales` without tax of what is revenue; over
    lines: their shares of the receipt's discount and points."""

    total: NDArray[np.int64]
    tax: NDArray[np.int64]
    net_sales: NDArray[np.int64]
    line_discount: NDArray[np.int64]
    line_points: NDArray[np.int64]


def settle(amounts: Amounts) -> Totals:
    """Totals of all receipts."""
    discount = allocate(amounts, amounts.discount)
    points = allocate(amounts, amounts.points)
    due = amounts.amount - discount - points
    receipts = len(amounts.discount)
    percent = np.where(amounts.is_revenue, amounts.tax_percent, 0)
    group = np.searchsorted(TAX_PERCENTS, percent) * 2 + amounts.tax_included
    base = _sum(amounts.receipt * _GROUPS + group, due, receipts * _GROUPS)
    base = base.reshape(receipts, _GROUPS)
    percents = np.repeat(TAX_PERCENTS, 2)
    included = np.tile([False, True], len(TAX_PERCENTS))
    divisors = 100 + np.where(included, percents, 0)
    tax = np.sign(base) * (np.abs(base) * percents // divisors)
    tax_on_top = (tax * ~included).sum(axis=1)
    total = _sum(amounts.receipt, due, receipts) + tax_on_top
    owed = _sum(amounts.receipt, np.where(amounts.is_revenue, 0, due), receipts)
    return Totals(total, tax.sum(axis=1), total - tax.sum(axis=1) - owed, discount, points)


def allocate(amounts: Amounts, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each line's share of `wanted` (yen a receipt), by largest remainder.

    Merchandise on the same side of zero bears it by its amount; without any, every line by its
    size; without size, all lines alike.
    """
    shares = np.zeros(len(amounts.receipt), dtype=np.int64)
    rows = np.flatnonzero(wanted[amounts.receipt])
    if not len(rows):
        return shares
    receipt, amount = amounts.receipt[rows], amounts.amount[rows]
    direction = np.sign(wanted[receipt])
    size = np.abs(amount)
    weight = np.where(amounts.is_merchandise[rows] & (amount * direction > 0), size, 0)
    for fallback in (size, np.ones_like(size)):
        weight = np.where(_sum(receipt, weight, len(wanted))[receipt] > 0, weight, fallback)
    parts = np.abs(wanted[receipt]) * weight
    whole, rest = np.divmod(parts, _sum(receipt, weight, len(wanted))[receipt])
    left = np.abs(wanted) - _sum(receipt, whole, len(wanted))
    order = np.lexsort((np.arange(len(rows)), -rest, receipt))
    rank = np.empty(len(rows), dtype=np.int64)
    rank[order] = np.arange(len(rows)) - np.searchsorted(receipt[order], receipt[order])
    shares[rows] = direction * (whole + (rank < left[receipt]))
    return shares


def _sum(group: NDArray[np.int64], values: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    """Sum of each group. Doubles hold whole yen exactly far beyond any receipt."""
    return np.rint(np.bincount(group, values, groups)).astype(np.int64)
