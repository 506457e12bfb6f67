"""Goods that come back: which lines, at what price, with or without the receipt they were sold on.

What belongs here: the lines of returns and exchanges. When they happen is `demo.till_roll`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from demo.arithmetic import settle
from demo.baskets import fill_baskets
from demo.discounts import reductions
from demo.lines import RETURN, SALE, Lines, join
from demo.streams import Draws

if TYPE_CHECKING:
    from demo.world import World

_ALSO_RETURNED = 0.35
"""Share of the other returnable lines that come back with the first one."""
_LINKED, _EXCHANGED = 0.85, 0.1
_SHOWS_CARD_UNLINKED = 0.5


@dataclass(frozen=True)
class Returns:
    """Receipts of returns, one for each visit that was asked for; one without lines is none.

    `discount` and `points` given back, yen, not positive; `is_exchange`: something was taken
    instead, and the receipt is a sale; `is_linked`: it names the sale; `shows_card`.
    """

    lines: Lines
    discount: NDArray[np.int64]
    points: NDArray[np.int64]
    is_exchange: NDArray[np.bool_]
    is_linked: NDArray[np.bool_]
    shows_card: NDArray[np.bool_]


def take_back(world: World, visit: NDArray[np.int64], day: NDArray[np.int64]) -> Returns:
    """What comes back of the baskets of these visits on these days."""
    draws, count = Draws(world.population.seed), len(visit)
    is_linked = draws.chance("linked", visit, _LINKED)
    is_online = world.visits.store[visit] >= world.stores.physical
    sold = fill_baskets(world, visit, np.zeros(count, dtype=bool))
    off = reductions(world, visit, np.ones(count, dtype=bool), sold)
    shares = settle(sold.amounts(world.catalogue, off.discount, off.points))
    rows = _returned_rows(world, draws, visit, sold)
    # Who has no receipt gets the price of the shelf back.
    discount, points = (
        np.where(is_linked, -np.rint(np.bincount(sold.receipt[rows], share[rows], count)), 0)
        for share in (shares.line_discount, shares.line_points)
    )
    back = replace(
        sold.keep(rows).negated(),
        line_type=np.full(len(rows), RETURN, dtype=np.int8),
        original_line=np.where(is_linked[sold.receipt[rows]], sold.line_no[rows], 0),
    )
    is_exchange = draws.chance("exchanged", visit, _EXCHANGED)
    instead = _taken_instead(world, back.keep(is_exchange[back.receipt]), day)
    return Returns(
        lines=join([back, instead]),
        discount=discount.astype(np.int64),
        points=points.astype(np.int64),
        is_exchange=is_exchange,
        is_linked=is_linked,
        shows_card=is_linked | is_online | draws.chance("shows card", visit, _SHOWS_CARD_UNLINKED),
    )


def _returned_rows(
    world: World, draws: Draws, visit: NDArray[np.int64], sold: Lines
) -> NDArray[np.int64]:
    """Lines that come back: of the returnable ones, one a receipt at least."""
    able = np.flatnonzero(world.catalogue.is_returnable[sold.product])
    receipt = sold.receipt[able]
    chance = draws.uniform("returned line", visit[receipt] * 64 + sold.line_no[able])
    order = np.lexsort((chance, receipt))
    is_first = np.r_[True, receipt[order][1:] != receipt[order][:-1]][: len(order)]
    return np.sort(able[order[is_first | (chance[order] < _ALSO_RETURNED)]])


def _taken_instead(world: World, back: Lines, day: NDArray[np.int64]) -> Lines:
    """A neighbour on the shelf for each line that is exchanged, at the price of the day."""
    catalogue, on = world.catalogue, day[back.receipt]
    neighbour = np.minimum(back.product + 1, catalogue.goods - 1)
    fits = catalogue.kind[neighbour] == catalogue.kind[back.product]
    fits &= (catalogue.first_day[neighbour] <= on) & (on <= catalogue.last_day[neighbour])
    product = np.where(fits, neighbour, back.product)
    return replace(
        back,
        product=product,
        quantity=-back.quantity,
        unit_price=catalogue.shelf_price(product, on, back.tax_included),
        own_discount=np.zeros_like(back.own_discount),
        line_type=np.full(len(back), SALE, dtype=np.int8),
        original_line=np.zeros_like(back.original_line),
    )
