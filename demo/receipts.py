"""Rows of the registers: receipts, lines, payments, coupon redemptions, closings.

A delivery brings what became known in its days, as it stands at their end: new receipts, receipts
that were amended since an earlier delivery, and the closings of both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from demo.book import NO_RECEIPT, RECEIPT_TYPES, Book, keep, write_book
from demo.calendar import dates_of
from demo.closings import closing_rows, register_days, register_ids, reopened
from demo.columns import SECONDS_A_DAY, ids, instants, words
from demo.lines import LINE_TYPES, THOUSAND
from demo.payments import METHODS, pay
from demo.streams import Draws
from demo.till_roll import CANCELLED, LONGEST_WAIT, REPEATED, TillRoll, write_roll

if TYPE_CHECKING:
    from demo.world import World

ID_DIGITS = 9
YEN_PER_POINT = 200
"""Net yen for which a member earns a point."""
_EVENING = 16 * 3_600
_PEOPLE_SHARES = (0.8, 0.15, 0.05)


def deliver(world: World, first_day: int, last_day: int) -> Iterator[tuple[str, pa.Table]]:
    """Rows of the registers that become known in those days, as of their end."""
    roll = write_roll(world, max(first_day - LONGEST_WAIT, 0), last_day)
    again = reopened(roll, _is_amended(roll, first_day, last_day))
    needed = _is_delivered(roll, first_day, last_day) | np.isin(register_days(roll), again)
    book = write_book(world, roll.keep(needed), last_day)
    yield "pos.register_closings", closing_rows(world, book, again, first_day, last_day)
    book = keep(book, _is_delivered(book.roll, first_day, last_day))
    yield "pos.receipts", receipt_rows(world, book)
    # A register that cancels a receipt sends its header alone.
    is_header_only = (book.roll.amendment == CANCELLED) & (book.roll.known_day < first_day)
    book = keep(book, ~is_header_only)
    yield "pos.receipt_lines", line_rows(world, book)
    yield "pos.payments", payment_rows(world, book)
    yield "pos.coupon_redemptions", redemption_rows(world, book)


def receipt_ids(number: NDArray[np.int64]) -> pa.Array:
    """Ids of receipts by number (`demo.book.receipt_number`); NULL of NO_RECEIPT."""
    found = ids("R", np.maximum(number, 0), ID_DIGITS)
    return pc.if_else(pa.array(number == NO_RECEIPT), pa.scalar(None, pa.string()), found)


def receipt_rows(world: World, book: Book) -> pa.Table:
    """One row a receipt of the book."""
    roll, stores, totals = book.roll, world.stores, book.totals
    in_shop = roll.store < stores.physical
    own = book.sum_lines(book.lines.own_discount)
    earned = np.sign(totals.net_sales) * (np.abs(totals.net_sales) // YEN_PER_POINT)
    # What is sent once more is as old as it was; other amendments have a time of their own.
    is_newer = book.is_amended & (roll.amendment != REPEATED)
    people = 1 + Draws(world.population.seed).choice("people", roll.visit, _PEOPLE_SHARES)
    dates = np.where(stores.writes_date[roll.store], dates_of(roll.day), np.datetime64("NaT", "D"))
    return pa.table(
        {
            "receipt_id": receipt_ids(book.number),
            "store_id": words(stores.store_id, roll.store),
            "closed_at": instants(roll.day * SECONDS_A_DAY + roll.closed),
            "receipt_type": words(RECEIPT_TYPES, book.receipt_type),
            "business_date": pa.array(dates),
            "register_id": register_ids(roll.register),
            "staff_id": words(stores.staff_ids, np.where(in_shop, _staff(world, roll), -1)),
            "member_id": _member_ids(world, book.member),
            "original_receipt_id": receipt_ids(book.original),
            "customer_count": pa.array(people, mask=~in_shop),
            "total_inc_tax": pa.array(totals.total),
            "tax_total": pa.array(totals.tax),
            "discount_total": pa.array(book.discount + own),
            "points_used": pa.array(book.points),
            "points_earned": pa.array(np.where(book.member >= 0, earned, 0)),
            "currency": words(("JPY", ""), (~stores.tax_included[roll.store]).astype(np.int64)),
            "updated_at": instants(np.where(is_newer, roll.amended, roll.updated)),
        }
    )


def line_rows(world: World, book: Book) -> pa.Table:
    """One row a line of the book's receipts."""
    lines, catalogue = book.lines, world.catalogue
    return pa.table(
        {
            "receipt_id": _of_receipts(book, lines.receipt),
            "line_no": pa.array(lines.line_no),
            "product_id": words(catalogue.product_id, lines.product),
            "quantity": pa.array(lines.quantity / THOUSAND),
            "unit_price": pa.array(lines.unit_price),
            "line_amount": pa.array(lines.amount),
            "list_price": pa.array(lines.unit_price),
            "discount_amount": pa.array(lines.own_discount),
            "tax_rate": pa.array(catalogue.tax_percent[lines.product] / 100),
            "tax_included": pa.array(lines.tax_included),
            "line_type": words(LINE_TYPES, lines.line_type),
            "original_line_no": pa.array(lines.original_line, mask=lines.original_line == 0),
        }
    )


def payment_rows(world: World, book: Book) -> pa.Table:
    """One row a tender of the book's receipts."""
    payments = pay(world, book)
    return pa.table(
        {
            "receipt_id": _of_receipts(book, payments.receipt),
            "payment_no": pa.array(payments.payment_no),
            "method": words(METHODS, payments.method),
            "amount": pa.array(payments.amount),
        }
    )


def redemption_rows(world: World, book: Book) -> pa.Table:
    """One row a coupon that lowered a receipt of the book."""
    rows, campaigns = np.flatnonzero(book.coupon > 0), world.plan.campaigns
    roll = book.roll.keep(rows)
    campaign = world.visits.coupon[roll.visit]
    return pa.table(
        {
            "redemption_id": ids("D", roll.visit, ID_DIGITS),
            "coupon_code": words(campaigns.coupon_code, campaign),
            "receipt_id": _of_receipts(book, rows),
            "member_id": _member_ids(world, book.member[rows]),
            "campaign_id": words(campaigns.campaign_id, campaign),
            "redeemed_at": instants(roll.day * SECONDS_A_DAY + roll.closed),
            "discount_amount": pa.array(book.coupon[rows]),
        }
    )


def _is_amended(roll: TillRoll, first_day: int, last_day: int) -> NDArray[np.bool_]:
    """Receipts that an earlier delivery had, and that something is heard of in these days."""
    is_heard = (roll.amended_day >= first_day) & (roll.amended_day <= last_day)
    return is_heard & (roll.known_day < first_day)


def _is_delivered(roll: TillRoll, first_day: int, last_day: int) -> NDArray[np.bool_]:
    is_new = (roll.known_day >= first_day) & (roll.known_day <= last_day)
    return is_new | _is_amended(roll, first_day, last_day)


def _of_receipts(book: Book, receipt: NDArray[np.int64]) -> pa.Array:
    return receipt_ids(book.number).take(pa.array(receipt))


def _member_ids(world: World, member: NDArray[np.int32]) -> pa.Array:
    index = pa.array(member, mask=member < 0)
    return pa.array(world.population.members.source_id).take(index)


def _staff(world: World, roll: TillRoll) -> NDArray[np.int64]:
    """The member of staff at each register: one for the day, one for the evening."""
    stores = world.stores
    shift = (roll.day * 8 + roll.register) * 2 + (roll.closed >= _EVENING)
    number = Draws(world.population.seed).bits("shift", shift * 1_024 + roll.store)
    count = np.maximum(stores.staff_count[roll.store], 1).astype(np.uint64)
    return stores.first_staff[roll.store] + (number % count).astype(np.int64)
