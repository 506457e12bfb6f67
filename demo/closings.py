"""Register closings: each register's report of its day, sent again when the day was corrected.

A closing counts what stood when the register was closed: what was voided on a later day stays in
it. A receipt that is sent again in another version, or as void, brings the corrected closing along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from demo.book import IS_RETURN, Book
from demo.calendar import dates_of
from demo.columns import words
from demo.streams import Draws
from demo.till_roll import (
    CANCELLED,
    CORRECTED,
    LONGEST_OFFLINE,
    SLIP,
    TRAINING,
    VOID,
    TillRoll,
    offline_days,
)

if TYPE_CHECKING:
    from demo.world import World

_STORES, _REGISTERS = 1_024, 16


def register_days(roll: TillRoll) -> NDArray[np.int64]:
    """One number for the store, register and business day of each receipt."""
    return _key(roll.day, roll.store, roll.register)


def reopened(roll: TillRoll, is_amended: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Register days whose closing the amended receipts of the roll change."""
    changes = is_amended & np.isin(roll.amendment, (CORRECTED, CANCELLED))
    return np.unique(register_days(roll)[changes])


def closing_rows(
    world: World, book: Book, again: NDArray[np.int64], first_day: int, last_day: int
) -> pa.Table:
    """One row a register day that is closed in these days, and each of `again`.

    The book must hold all receipts of those register days.
    """
    keys = np.union1d(_closed(world, first_day, last_day), again)
    found = register_days(book.roll)
    counts = _counts(book) & np.isin(found, keys)
    place = np.searchsorted(keys, found[counts])
    total = book.totals.total[counts]
    is_return = book.receipt_type[counts] == IS_RETURN
    sales, returns = (
        np.rint(np.bincount(place, total * chosen, len(keys))).astype(np.int64)
        for chosen in (~is_return, is_return)
    )
    day, rest = np.divmod(keys, _STORES * _REGISTERS)
    store, register = np.divmod(rest, _REGISTERS)
    return pa.table(
        {
            "store_id": words(world.stores.store_id, store),
            "register_id": register_ids(register),
            "business_date": pa.array(dates_of(day)),
            "receipt_count": pa.array(np.bincount(place, minlength=len(keys))),
            "sales_inc_tax": pa.array(sales),
            "returns_inc_tax": pa.array(returns),
        }
    )


def register_ids(register: NDArray[np.integer]) -> pa.Array:
    """R1, R2, ... of registers counted from 0."""
    return words([f"R{number + 1}" for number in range(_REGISTERS)], register)


def _key(
    day: NDArray[np.int64], store: NDArray[np.int64], register: NDArray[np.int64]
) -> NDArray[np.int64]:
    return (day.astype(np.int64) * _STORES + store) * _REGISTERS + register


def _closed(world: World, first_day: int, last_day: int) -> NDArray[np.int64]:
    """Register days whose closing arrives in these days; days without a receipt among them."""
    stores = world.stores
    store = np.repeat(np.arange(len(stores)), stores.registers)
    register = np.arange(len(store)) - np.searchsorted(store, store)
    days = np.arange(max(first_day - LONGEST_OFFLINE, 0), last_day + 1)
    day, place = np.repeat(days, len(store)), np.tile(np.arange(len(store)), len(days))
    store, register = store[place], register[place]
    known = day + offline_days(Draws(world.population.seed), store, register, day)
    rows = (known >= first_day) & (known <= last_day) & stores.is_open(store, day)
    return _key(day[rows], store[rows], register[rows])


def _counts(book: Book) -> NDArray[np.bool_]:
    """Receipts that a closing counts: what stood at the end of its day."""
    roll = book.roll
    is_gone = (roll.role == VOID) | (roll.role == TRAINING)
    is_gone |= (roll.role == SLIP) & (roll.voided_day == roll.day)
    is_gone |= (roll.amendment == CANCELLED) & book.is_amended
    return ~is_gone
