"""What stands on receipts: lines, reductions, totals, as known on some day.

What belongs here: putting the roll, the baskets and the returns together. What does not: rows of
the feed (`demo.receipts`). Every receipt is a function of its place on the roll and of the day on
which one looks.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from demo.arithmetic import Totals, settle
from demo.baskets import fill_baskets
from demo.discounts import Reductions, reductions
from demo.lines import Lines, join
from demo.returns import take_back
from demo.till_roll import CANCELLED, CORRECTED, RETURN, SALE, SLIP, TRAINING, VOID, TillRoll

if TYPE_CHECKING:
    from demo.world import World

RECEIPT_TYPES = ("sale", "return", "void", "training")
IS_SALE, IS_RETURN, IS_VOID, IS_TRAINING = range(len(RECEIPT_TYPES))
NO_RECEIPT = -1


@dataclass(frozen=True)
class Book:
    """Receipts with their lines, in the order of `roll`. Arrays over receipts:

    `receipt_type` int8 into RECEIPT_TYPES; `number` and `original` (NO_RECEIPT: none) of receipts;
    `member` index of the record shown, -1 for none; `discount` (lines' own not in it), `coupon`
    within it and `points`, yen, negative where they are given back; `is_amended`: it is the later
    version; `lines` and `totals` as in their modules.
    """

    roll: TillRoll
    lines: Lines
    totals: Totals
    receipt_type: NDArray[np.int8]
    number: NDArray[np.int64]
    original: NDArray[np.int64]
    member: NDArray[np.int32]
    discount: NDArray[np.int64]
    coupon: NDArray[np.int64]
    points: NDArray[np.int64]
    is_amended: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.roll)

    def sum_lines(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sum over each receipt's lines."""
        return np.rint(np.bincount(self.lines.receipt, values, len(self))).astype(np.int64)


def receipt_number(role: NDArray[np.int8] | int, visit: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of the receipt that a visit has in a role; that of its sale is the visit's own."""
    return np.asarray(role, dtype=np.int64) * 100_000_000 + visit


def write_book(world: World, roll: TillRoll, known_on: int) -> Book:
    """The receipts of the roll as they stand at the end of day `known_on`.

    Returns of baskets without anything that can be returned do not exist: they are left out.
    """
    order = np.argsort(roll.role == RETURN, kind="stable")
    roll = roll.keep(order)
    sales = int(np.count_nonzero(roll.role != RETURN))
    tills, desk = roll.keep(slice(0, sales)), roll.keep(slice(sales, None))
    is_amended = roll.amended_day <= known_on
    sold, off = _sold(world, tills, is_amended[:sales])
    back = take_back(world, desk.visit, desk.day)
    lines = join([sold, replace(back.lines, receipt=back.lines.receipt + sales)])
    discount = np.r_[off.discount, back.discount]
    points = np.r_[off.points, back.points]
    shows_card = np.r_[tills.role != TRAINING, back.shows_card]
    no = np.zeros(sales, dtype=bool)
    book = Book(
        roll=roll,
        lines=lines,
        totals=settle(lines.amounts(world.catalogue, discount, points)),
        receipt_type=_receipt_types(roll, is_amended, np.r_[no, back.is_exchange]),
        number=receipt_number(roll.role, roll.visit),
        original=_originals(roll, np.r_[no, back.is_linked]),
        member=np.where(shows_card, world.visits.member[roll.visit], -1).astype(np.int32),
        discount=discount,
        coupon=np.r_[off.coupon, np.zeros(len(desk), dtype=np.int64)],
        points=points,
        is_amended=is_amended,
    )
    return keep(book, np.bincount(lines.receipt, minlength=len(roll)) > 0)


def keep(book: Book, rows: NDArray[np.bool_]) -> Book:
    """These receipts alone, with their lines."""
    place = np.cumsum(rows) - 1
    of = rows[book.lines.receipt]
    lines = book.lines.keep(of)
    over_lines = ("line_discount", "line_points")
    totals = Totals(
        **{
            each.name: getattr(book.totals, each.name)[of if each.name in over_lines else rows]
            for each in fields(Totals)
        }
    )
    kept = {
        each.name: getattr(book, each.name)[rows]
        for each in fields(Book)
        if each.name not in ("roll", "lines", "totals")
    }
    lines = replace(lines, receipt=place[lines.receipt])
    return Book(roll=book.roll.keep(rows), lines=lines, totals=totals, **kept)


def _sold(world: World, tills: TillRoll, is_amended: NDArray[np.bool_]) -> tuple[Lines, Reductions]:
    """Lines and reductions of everything but returns; a void is its slip taken back."""
    is_wrong = (tills.amendment == CORRECTED) & ~is_amended
    lines = fill_baskets(world, tills.visit, is_wrong)
    off = reductions(world, tills.visit, tills.role == SALE, lines)
    is_void = (tills.role == VOID)[lines.receipt]
    sign = np.where(is_void, -1, 1)
    lines = replace(lines, quantity=lines.quantity * sign, own_discount=lines.own_discount * sign)
    return lines, off


def _receipt_types(
    roll: TillRoll, is_amended: NDArray[np.bool_], is_exchange: NDArray[np.bool_]
) -> NDArray[np.int8]:
    is_cancelled = (roll.amendment == CANCELLED) & is_amended
    return np.select(
        [
            (roll.role == VOID) | is_cancelled,
            roll.role == TRAINING,
            (roll.role == RETURN) & ~is_exchange,
        ],
        [IS_VOID, IS_TRAINING, IS_RETURN],
        IS_SALE,
    ).astype(np.int8)


def _originals(roll: TillRoll, is_linked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The slip of a void, the sale of a return that names it."""
    return np.select(
        [roll.role == VOID, (roll.role == RETURN) & is_linked],
        [receipt_number(SLIP, roll.visit), receipt_number(SALE, roll.visit)],
        NO_RECEIPT,
    )
