"""What changes in people's lives: they move, get another phone number, marry.

Each happens at most once in the horizon, on a day that is drawn by person (a move: by household).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from demo.calendar import BASE_DAYS, HORIZON_DAYS
from demo.population import Population
from demo.streams import Draws

NEVER = HORIZON_DAYS + 1
MOVES, CHANGES_NUMBER, MARRIES = 0.08, 0.06, 0.03
"""Shares of the people (MARRIES: of the women) to whom it happens within the base history."""


@dataclass(frozen=True)
class Life:
    """Days of a population's changes, arrays int16 over people; NEVER where there is none."""

    population: Population

    @cached_property
    def move_day(self) -> NDArray[np.int16]:
        return self._days("moves", self.population.household, MOVES)

    @cached_property
    def number_day(self) -> NDArray[np.int16]:
        """The day of a new mobile number."""
        return self._days("changes number", np.arange(self.population.n), CHANGES_NUMBER)

    @cached_property
    def marriage_day(self) -> NDArray[np.int16]:
        """The day from which a woman bears the name of her household; a maiden name before."""
        days = self._days("marries", np.arange(self.population.n), MARRIES)
        may = self.population.is_female & ~self.population.is_child & ~self.population.is_company
        return np.where(may, days, NEVER).astype(np.int16)

    def marries(self, persons: NDArray) -> NDArray[np.bool_]:
        """Whether people bear a maiden name at first."""
        return self.marriage_day[persons] < NEVER

    @property
    def days(self) -> dict[str, NDArray[np.int16]]:
        """All of them by name."""
        return {
            "move": self.move_day,
            "number": self.number_day,
            "marriage": self.marriage_day,
        }

    def _days(self, what: str, ids: NDArray, share: float) -> NDArray[np.int16]:
        draws = Draws(self.population.seed)
        happens = draws.chance(what, ids, share * HORIZON_DAYS / BASE_DAYS)
        day = draws.integers(f"{what} on", ids, HORIZON_DAYS)
        return np.where(happens, day, NEVER).astype(np.int16)
