"""When records change: the instants at which a source writes a new version of a row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.columns import SECONDS_A_DAY
from demo.streams import Draws

FROM_THE_START = np.iinfo(np.int64).min
"""The record was made after the event: it always says the new value."""
NOT_YET = np.iinfo(np.int64).max
"""The source never learns of it."""
_OPENS, _CLOSES = 9 * 3600, 21 * 3600
_LEARNS = 0.5
"""Share of the records that follow a change in a person's life."""
_LAG_DAYS = (3, 60)


@dataclass(frozen=True)
class History:
    """Instants of changes (seconds since the midnight of day 0) by name of the change, each an
    array over the records of a source; `created` is one of them."""

    at: dict[str, NDArray[np.int64]]

    def changed(self, first_day: int, last_day: int) -> NDArray[np.int64]:
        """Indexes of the records with a change in these days; day 0 brings all before it too."""
        start = first_day * SECONDS_A_DAY if first_day > 0 else FROM_THE_START + 1
        end = (last_day + 1) * SECONDS_A_DAY
        hit = np.zeros(len(self.at["created"]), dtype=np.bool_)
        for instants in self.at.values():
            hit |= (instants >= start) & (instants < end)
        return np.flatnonzero(hit)

    def is_past(self, change: str, index: NDArray, last_day: int) -> NDArray[np.bool_]:
        """Whether the records know of the change at the end of a day."""
        return self.at[change][index] < (last_day + 1) * SECONDS_A_DAY

    def updated_at(self, index: NDArray, last_day: int) -> NDArray[np.int64]:
        """The instant of the last change up to the end of a day."""
        newest = np.full(len(index), FROM_THE_START)
        for change, instants in self.at.items():
            is_past = self.is_past(change, index, last_day)
            newest = np.where(is_past, np.maximum(newest, instants[index]), newest)
        return newest


def instants_of(draws: Draws, what: str, days: NDArray) -> NDArray[np.int64]:
    """An instant in opening hours for each record, on the given days."""
    second = _OPENS + draws.integers(f"{what} at", np.arange(len(days)), _CLOSES - _OPENS)
    return days.astype(np.int64) * SECONDS_A_DAY + second


def learned_at(
    draws: Draws, what: str, created_day: NDArray, event_day: NDArray
) -> NDArray[np.int64]:
    """When records learn of an event in a person's life: some weeks after it, half of them never;
    those made after it know it from the start."""
    ids = np.arange(len(created_day))
    low, high = _LAG_DAYS
    lag = low + draws.integers(f"{what} lag", ids, high - low)
    learned = instants_of(draws, what, event_day + lag)
    learned = np.where(draws.chance(f"{what} learned", ids, _LEARNS), learned, NOT_YET)
    return np.where(created_day > event_day, FROM_THE_START, learned)


def until(instants: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """Without what would come after the end of the record."""
    return np.where((instants >= end) & (instants != FROM_THE_START), NOT_YET, instants)
