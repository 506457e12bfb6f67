"""Deliveries of the records of people: members, subscribers, consents, requesters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from demo.history import History

if TYPE_CHECKING:
    from demo.world import World

CHUNK = 50_000
"""Rows that are made at once: texts of many rows take much memory."""


class Rows(Protocol):
    """Rows of one table, with the instants at which they change."""

    @property
    def history(self) -> History: ...

    def table(self, index: NDArray, last_day: int) -> pa.Table: ...


def deliver(world: World, first_day: int, last_day: int) -> Iterator[tuple[str, pa.Table]]:
    """Rows that are new or changed in these days, as they stand at their end; day 0 brings what
    was there before the data. A table may come in several pieces."""
    for name, rows in (
        ("pos.members", world.members),
        ("email.subscribers", world.subscribers),
        ("support.requesters", world.requesters),
    ):
        for piece in changed_rows(rows, first_day, last_day):
            yield name, piece
    yield "email.consents", world.subscribers.consents(first_day, last_day)


def changed_rows(rows: Rows, first_day: int, last_day: int) -> Iterator[pa.Table]:
    """The changed rows of a table in pieces of at most CHUNK rows."""
    index = rows.history.changed(first_day, last_day)
    for start in range(0, len(index), CHUNK):
        yield rows.table(np.asarray(index[start : start + CHUNK]), last_day)
