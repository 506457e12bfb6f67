"""What baskets are filled from: the visits of some receipts, and what kind of shopper comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from demo.popularity import COMPANY, GIFT, ONLINE, STORE
from demo.segments import SEGMENTS

if TYPE_CHECKING:
    from demo.world import World


@dataclass(frozen=True)
class Trips:
    """Arrays over receipts, as `demo.purchases.Visits` has them; `kind` as in `demo.popularity`."""

    visit: NDArray[np.int64]
    person: NDArray[np.int32]
    member: NDArray[np.int32]
    kind: NDArray[np.int64]
    day: NDArray[np.int16]
    minute: NDArray[np.int16]
    spend: NDArray[np.float64]
    is_online: NDArray[np.bool_]
    tax_included: NDArray[np.bool_]
    joins_club: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.visit)


def trips(world: World, visit: NDArray[np.int64]) -> Trips:
    """The trips of these visits, in that order."""
    visits, population = world.visits, world.population
    person, store = visits.person[visit], visits.store[visit]
    buys_gifts = np.array([segment.is_clumpy for segment in SEGMENTS])[population.segment[person]]
    is_online = store >= world.stores.physical
    kind = np.select(
        [population.is_company[person], is_online, buys_gifts], [COMPANY, ONLINE, GIFT], STORE
    )
    return Trips(
        visit=visit,
        person=person,
        member=visits.member[visit],
        kind=kind,
        day=visits.day[visit],
        minute=visits.minute[visit],
        spend=visits.spend[visit].astype(np.float64),
        is_online=is_online,
        tax_included=world.stores.tax_included[store],
        joins_club=visits.joins_club[visit],
    )
