"""Which member record stands for a person on a day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from demo.population import Population


def member_in_force(
    population: Population, person: NDArray[np.int32], day: int | NDArray[np.int64]
) -> NDArray[np.int32]:
    """A member record of each person that was made before the day and has not left: the card
    rather than the online account; an index, -1 for none."""
    members, found = population.members, np.full(len(person), -1, dtype=np.int32)
    for index_of in (population.account_of, population.card_of):
        index = index_of[person]
        created, left = members.created_day[index], members.left_day[index]
        in_force = (index >= 0) & (created < day) & ((left < 0) | (left > day))
        found = np.where(in_force, index, found)
    return found
