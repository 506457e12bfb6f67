"""Which purchase a ticket is about, where the agent noted the receipt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from demo.calendar import HORIZON_DAYS
from demo.streams import Draws
from demo.ticket_texts import TOPICS

if TYPE_CHECKING:
    from demo.world import World

RECENT_DAYS = 30
"""People ask about purchases of so many days."""
NOTED = 0.7
"""Share of the tickets about a purchase in which the agent notes the receipt."""


@dataclass(frozen=True)
class Purchases:
    """Per ticket: index of the visit that it is about (-1: none), and of the store (-1: none),
    which is that of the visit where there is one."""

    visit: NDArray[np.int64]
    store: NDArray[np.int16]


@lru_cache(maxsize=1)
def purchases_of(world: World) -> Purchases:
    """The purchase that each ticket of the world is about: the requester's last one before it."""
    tickets, visits = world.desk.rows.tickets, world.visits
    person = world.population.requesters.person[tickets.requester].astype(np.int64)
    order = np.lexsort((np.arange(len(visits)), visits.person))
    key = visits.person[order].astype(np.int64) * HORIZON_DAYS + visits.day[order]
    # A passer-by is person -1, whose keys come before all others; visits before the day count.
    place = np.searchsorted(key, person * HORIZON_DAYS + tickets.day) - 1
    visit = order[np.maximum(place, 0)]
    is_recent = (visits.person[visit] == person) & (tickets.day - visits.day[visit] <= RECENT_DAYS)
    of_purchase = np.array([topic.of_purchase for topic in TOPICS])[tickets.topic]
    is_delivered = visits.store[visit] >= world.stores.physical
    asks_for_delivery = np.array([topic.of_delivery for topic in TOPICS])[tickets.topic]
    draws = Draws(world.population.seed)
    noted = draws.chance("receipt noted", np.arange(len(tickets)), NOTED)
    is_about = (place >= 0) & is_recent & of_purchase & noted & (tickets.merged_into < 0)
    is_about &= is_delivered | ~asks_for_delivery
    is_open = world.stores.opened_day[tickets.store] <= tickets.day
    store = np.where(is_open, tickets.store, -1)
    return Purchases(
        visit=np.where(is_about, visit, -1),
        store=np.where(is_about, visits.store[visit], store).astype(np.int16),
    )
