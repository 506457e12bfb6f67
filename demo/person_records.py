"""The records that a source system holds of people: who, when, of which kind; not yet what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CARD, SECOND_CARD, ONLINE, APP = range(4)
"""Kinds of member records; APP is a card that was issued in the app."""
ACCOUNT, NEWSLETTER = range(2)
"""Kinds of subscribers: of an online account, or a plain sign-up."""
BY_EMAIL, BY_PHONE, BY_LINE = range(3)
"""Kinds of requesters: the way by which the help desk knows them."""


@dataclass(frozen=True)
class PersonRecords:
    """The records of one source system, sorted by `created_day`, then id.

    Arrays of one length: `source_id` (unicode), `person` (int32), `kind` (int8, see above),
    `created_day` (int16; < 0 before the data starts), `left_day` (int16, -1: never; of members the
    day of leaving the programme).
    """

    source_id: NDArray[np.str_]
    person: NDArray[np.int32]
    kind: NDArray[np.int8]
    created_day: NDArray[np.int16]
    left_day: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.source_id)
