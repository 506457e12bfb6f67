"""Discounts of a whole receipt, and points used: who gets how much off.

What belongs here: the retailer's rules. How an amount is spread over lines is `demo.arithmetic`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from demo.calendar import dates_of
from demo.lines import Lines
from demo.stores import CHANNELS

if TYPE_CHECKING:
    from demo.world import World

THANKS_DAYS = (20, 30)
"""On these days of a month members get something off in shops."""
THANKS_PERCENT, STAFF_PERCENT = 5, 10
_MOST_OFF = 2
"""A receipt is lowered by one in so many yen of its goods at most, by points by half of that."""


@dataclass(frozen=True)
class Reductions:
    """Yen a receipt: `discount` of the whole receipt, the `coupon` within it, and `points`."""

    discount: NDArray[np.int64]
    coupon: NDArray[np.int64]
    points: NDArray[np.int64]


def reductions(
    world: World, visit: NDArray[np.int64], is_regular: NDArray[np.bool_], lines: Lines
) -> Reductions:
    """What each visit's receipt is lowered by; `is_regular`: not a slip or training."""
    visits, people = world.visits, world.population
    goods = _goods(world, lines, len(visit))
    is_member = (visits.member[visit] >= 0) & is_regular
    day_of_month = _days_of_month(visits.day[visit])
    in_shop = world.stores.channel[visits.store[visit]] == CHANNELS.index("store")
    thanks = is_member & in_shop & np.isin(day_of_month, THANKS_DAYS)
    staff = is_member & people.is_staff[visits.person[visit]]
    percent = np.where(staff, STAFF_PERCENT, np.where(thanks, THANKS_PERCENT, 0))
    most = goods // _MOST_OFF
    yen = np.append(world.plan.campaigns.coupon_yen, 0)[visits.coupon[visit]]
    by_percent = goods * percent // 100
    coupon = np.where(is_regular, np.minimum(yen, most - by_percent), 0)
    points = np.where(is_member, np.minimum(visits.points[visit], most // 2), 0)
    return Reductions(by_percent + coupon, coupon, points)


def _goods(world: World, lines: Lines, receipts: int) -> NDArray[np.int64]:
    """Yen of each receipt's merchandise after the lines' own discounts."""
    bears = world.catalogue.is_merchandise[lines.product]
    amount = np.where(bears, lines.amount, 0)
    return np.rint(np.bincount(lines.receipt, amount, receipts)).astype(np.int64)


def _days_of_month(days: NDArray[np.int16]) -> NDArray[np.int64]:
    dates = dates_of(days)
    return (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
