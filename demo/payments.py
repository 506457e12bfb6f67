"""How receipts are paid: tenders that add up to the total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from demo.book import Book
from demo.streams import Draws
from demo.till_roll import RETURN

if TYPE_CHECKING:
    from demo.world import World

METHODS = ("cash", "card", "code", "emoney", "gift_card", "voucher", "credit", "other")
CASH, EMONEY, GIFT_CARD, VOUCHER = (
    METHODS.index(name) for name in ("cash", "emoney", "gift_card", "voucher")
)
_SHARES = {
    "shop": (0.38, 0.27, 0.21, 0.14, 0, 0, 0, 0),
    "online": (0, 0.70, 0.18, 0, 0, 0, 0, 0.12),
    "company": (0.08, 0.17, 0.03, 0, 0, 0, 0.72, 0),
}
_KEEPS_TO_HABIT = 0.75
_GIFT_CARD_SHARE, _VOUCHER_SHARE, _TWO_TENDERS_SHARE = 0.005, 0.008, 0.012
_GIFT_CARDS, _VOUCHER = np.array([1_000, 3_000, 5_000]), 500


@dataclass(frozen=True)
class Payments:
    """One row a tender, by receipt (index into the book): `payment_no` from 1, `method` into
    METHODS, `amount` yen, negative where it is paid out. A receipt of nothing has none."""

    receipt: NDArray[np.int64]
    payment_no: NDArray[np.int64]
    method: NDArray[np.int64]
    amount: NDArray[np.int64]


def pay(world: World, book: Book) -> Payments:
    """The tenders of all receipts: gift card, voucher or a part in another way first."""
    draws, visit = Draws(world.population.seed), book.roll.visit
    total = book.totals.total
    size = np.where(book.roll.role == RETURN, 0, np.abs(total))
    in_shop = world.visits.store[visit] < world.stores.physical
    gift_card = np.where(
        in_shop & draws.chance("pays by gift card", visit, _GIFT_CARD_SHARE),
        np.minimum(_GIFT_CARDS[draws.integers("gift card in hand", visit, 3)], size),
        0,
    )
    rest = size - gift_card
    voucher = np.where(
        in_shop & (rest >= _VOUCHER) & draws.chance("voucher", visit, _VOUCHER_SHARE), _VOUCHER, 0
    )
    rest -= voucher
    method = _methods(world, draws, visit, in_shop)
    part = np.where(in_shop & draws.chance("two tenders", visit, _TWO_TENDERS_SHARE), rest // 2, 0)
    other_way = np.where(method == CASH, EMONEY, CASH)
    sign = np.sign(total)
    columns = [
        (np.full(len(visit), GIFT_CARD), gift_card * sign),
        (np.full(len(visit), VOUCHER), voucher * sign),
        (other_way, part * sign),
        (method, total - (gift_card + voucher + part) * sign),
    ]
    methods, amounts = (np.stack(each, axis=1) for each in zip(*columns, strict=True))
    receipt, column = np.nonzero(amounts)
    place = np.arange(len(receipt)) - np.searchsorted(receipt, receipt)
    return Payments(receipt, place + 1, methods[receipt, column], amounts[receipt, column])


def _methods(
    world: World, draws: Draws, visit: NDArray[np.int64], in_shop: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The main tender: people have a habit each, and keep to it mostly."""
    person = world.visits.person[visit]
    ids = np.where(draws.chance("keeps to habit", visit, _KEEPS_TO_HABIT), person, -1 - visit)
    is_company = world.population.is_company[person]
    by_place = {
        name: draws.choice(f"tender {name}", ids, shares) for name, shares in _SHARES.items()
    }
    return np.select(
        [is_company, in_shop], [by_place["company"], by_place["shop"]], by_place["online"]
    )
