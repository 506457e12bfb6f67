"""What stands on a receipt beside the goods: bags, postage, wrapping, gift cards, club, samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from demo.assortment import EXTRAS
from demo.lines import FEE, GIFT_CARD_SALE, SALE, THOUSAND, Lines, stack
from demo.popularity import COMPANY, GIFT
from demo.streams import Draws
from demo.trials import CLUB, CLUB_TRIAL, MEMBERSHIP, SAMPLE, SAMPLES
from demo.trips import Trips

if TYPE_CHECKING:
    from demo.world import World

FREE_POSTAGE = 5_000
"""Orders of goods of so many yen are sent free of charge."""
_GIFT_CARDS = ("GC1000", "GC3000", "GC5000")
_GIFT_CARD_SHARE, _GIFT_CARD_SHARE_OF_GIFTS = 0.003, 0.012
_BAG_SHARE, _WRAP_SHARE = 0.33, 0.12


def till_extras(world: World, trip: Trips, goods: Lines) -> Lines:
    """Lines that are no chosen goods, in the order in which tills print them."""
    draws = Draws(world.population.seed)
    private = trip.kind != COMPANY
    in_shop = private & ~trip.is_online
    is_gift = trip.kind == GIFT
    spent = np.bincount(goods.receipt, goods.amount, len(trip))
    gift_card = np.where(is_gift, _GIFT_CARD_SHARE_OF_GIFTS, _GIFT_CARD_SHARE)
    sample = world.trials.given_at(trip.visit, SAMPLE)
    samples = np.array([_place(world, product_id) for product_id, _, _ in SAMPLES])
    tries_club = world.trials.given_at(trip.visit, MEMBERSHIP) >= 0

    def chance(what: str, share: float | NDArray[np.float64]) -> NDArray[np.bool_]:
        return draws.chance(what, trip.visit, share)

    def one_of(names: tuple[str, ...]) -> NDArray[np.int64]:
        places = np.array([_place(world, name) for name in names])
        return places[draws.integers(names[0], trip.visit, len(names))]

    bag = one_of(("BAG03", "BAG05"))
    parts = [
        (sample >= 0, samples[sample], SALE),
        (trip.joins_club, one_of((CLUB,)), SALE),
        (in_shop & chance("gift card", gift_card), one_of(_GIFT_CARDS), GIFT_CARD_SALE),
        (is_gift & chance("wrap", _WRAP_SHARE), one_of(("WRAP1",)), FEE),
        (trip.is_online & (spent < FREE_POSTAGE), one_of(("POST1",)), FEE),
        (in_shop & chance("bag", _BAG_SHARE), bag, FEE),
        (tries_club, one_of((CLUB_TRIAL,)), SALE),
    ]
    return stack([_lines(world, trip, *part) for part in parts])


def _place(world: World, product_id: str) -> int:
    """Index of one of EXTRAS, which stand behind the goods."""
    ids = [extra.product_id for extra in EXTRAS]
    return world.catalogue.goods + ids.index(product_id)


def _lines(
    world: World,
    trip: Trips,
    has: NDArray[np.bool_],
    product: NDArray[np.int64],
    line_type: int,
) -> Lines:
    receipt = np.flatnonzero(has)
    tax_included, nothing = trip.tax_included[receipt], np.zeros(len(receipt), dtype=np.int64)
    return Lines(
        receipt=receipt,
        product=product[receipt],
        quantity=np.full(len(receipt), THOUSAND),
        unit_price=world.catalogue.shelf_price(product[receipt], trip.day[receipt], tax_included),
        own_discount=nothing,
        line_type=np.full(len(receipt), line_type, dtype=np.int8),
        tax_included=tax_included,
        original_line=nothing,
    )
