"""The till roll: which receipts there are, where and when printed, and when we hear of them.

What belongs here: sales, slips and their voids, training, returns; registers that were offline, and
what is sent a second time. What does not: what stands on a receipt. Each visit has one fate, drawn
by its id, so the roll of any days can be written alone.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from demo.calendar import HORIZON_DAYS
from demo.columns import SECONDS_A_DAY
from demo.stores import NEVER
from demo.streams import Draws

if TYPE_CHECKING:
    from demo.world import World

SALE, SLIP, VOID, TRAINING, RETURN = range(5)
"""Roles of receipts. A slip is a sale that was rung up by mistake, just before the right one."""
CORRECTED, CANCELLED, REPEATED = range(3)
"""What arrives later about a receipt: another version; that it is void; the same once more."""

_FATES = {
    "corrected": 0.004,
    "repeated": 0.003,
    "voided": 0.002,
    "voided next day": 0.0005,
    "cancelled": 0.001,
    "trained": 0.001,
    "returned": 0.035,
}
"""Shares of the visits to which something happens; a return needs goods that can be returned."""
_AMENDMENTS = {
    "corrected": (SALE, CORRECTED),
    "repeated": (SALE, REPEATED),
    "cancelled": (SLIP, CANCELLED),
}
_AMENDED_WITHIN, _RETURNED_WITHIN = 18, 28
_RETURN_AFTER = 2
_OFFLINE_SHARE, _TWO_DAYS_SHARE = 0.012, 0.3
"""Share of the days on which a register that is not its shop's first one was offline."""
LONGEST_OFFLINE = 2
LONGEST_WAIT = LONGEST_OFFLINE + _AMENDED_WITHIN
"""Days from a receipt's business day until nothing more is heard of it."""
_SECONDS_AFTER = (0, -150, -90, -400, 0)
"""Seconds from the visit's sale to a receipt of each role."""
_EXPORT_SECONDS = 30


@dataclass(frozen=True)
class TillRoll:
    """Arrays over receipts.

    `role` int8; `visit`: the visit whose basket it is (of a return: that bought the goods);
    `day` business day; `closed`: second of that day's midnight at which it was closed, may lie
    beyond the day; `store`, `register` (from 0) int16; `known_day`: the delivery that first has
    it; `amended_day` (NEVER: not) and `amendment` (-1: none): what a later delivery brings;
    `voided_day`: business day of the receipt that voids it (NEVER: none).
    """

    role: NDArray[np.int8]
    visit: NDArray[np.int64]
    day: NDArray[np.int64]
    closed: NDArray[np.int64]
    store: NDArray[np.int16]
    register: NDArray[np.int16]
    known_day: NDArray[np.int64]
    amended_day: NDArray[np.int64]
    amendment: NDArray[np.int8]
    voided_day: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.visit)

    def keep(self, rows: NDArray) -> TillRoll:
        """These receipts alone."""
        return TillRoll(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})

    @property
    def updated(self) -> NDArray[np.int64]:
        """Second of the last change, from the midnight of day 0, of a receipt not yet amended."""
        return self.day * SECONDS_A_DAY + self.closed + _EXPORT_SECONDS

    @property
    def amended(self) -> NDArray[np.int64]:
        """Second of the amendment, from the midnight of day 0."""
        return self.amended_day * SECONDS_A_DAY + 10 * 3_600 + self.visit % 30_000


def write_roll(world: World, first_day: int, last_day: int) -> TillRoll:
    """Every receipt of these business days, both ends included."""
    visits, stores, draws = world.visits, world.stores, Draws(world.population.seed)
    earlier = visits.between(max(first_day - _RETURN_AFTER - _RETURNED_WITHIN, 0), last_day)
    fate = _fates(draws, earlier)
    by_fate = {name: earlier[fate == number] for number, name in enumerate(_FATES)}
    voided = np.concatenate([by_fate["voided"], by_fate["voided next day"]])
    slips = np.concatenate([voided, by_fate["cancelled"]])
    trained = by_fate["trained"]
    trained = trained[visits.store[trained] < stores.physical]
    to_return = _RETURN_AFTER + draws.integers(
        "days to return", by_fate["returned"], _RETURNED_WITHIN
    )
    parts = [
        (SALE, visits.between(first_day, last_day), 0),
        (SLIP, slips, 0),
        (VOID, voided, _days_to_void(world, draws, voided)),
        (TRAINING, trained, 0),
        (RETURN, by_fate["returned"], to_return),
    ]
    role = np.repeat([role for role, _, _ in parts], [len(visit) for _, visit, _ in parts])
    visit = np.concatenate([visit for _, visit, _ in parts])
    later = np.concatenate([np.broadcast_to(days, len(visit)) for _, visit, days in parts])
    day = visits.day[visit].astype(np.int64) + later
    rows = (day >= first_day) & (day <= min(last_day, HORIZON_DAYS - 1))
    rows &= stores.is_open(visits.store[visit], day)
    return _dated(world, draws, role[rows], visit[rows], day[rows])


def offline_days(
    draws: Draws, store: NDArray[np.int64], register: NDArray[np.int64], day: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Days by which a register's day arrives late: 0 but for the few that were offline.

    A shop's first register never is, so that a day is complete when its shops' first registers are
    closed, and what comes later brings its own closing.
    """
    key = (day.astype(np.int64) * 1_024 + store) * 16 + register
    chance = draws.uniform("offline", key)
    late = np.where(chance < _OFFLINE_SHARE * _TWO_DAYS_SHARE, LONGEST_OFFLINE, 1)
    return np.where((register > 0) & (chance < _OFFLINE_SHARE), late, 0)


def _fates(draws: Draws, visit: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of each visit's fate in _FATES; len(_FATES) for the ordinary one."""
    edges = np.cumsum(list(_FATES.values()))
    return np.searchsorted(edges, draws.uniform("fate", visit), side="right")


def _days_to_void(world: World, draws: Draws, visit: NDArray[np.int64]) -> NDArray[np.int64]:
    """1 where a mistake is found on the next morning, and the shop is open then; 0 otherwise."""
    is_next = _fates(draws, visit) == list(_FATES).index("voided next day")
    next_day = world.visits.day[visit].astype(np.int64) + 1
    return (is_next & world.stores.is_open(world.visits.store[visit], next_day)).astype(np.int64)


def _dated(
    world: World,
    draws: Draws,
    role: NDArray[np.int64],
    visit: NDArray[np.int64],
    day: NDArray[np.int64],
) -> TillRoll:
    store = world.visits.store[visit]
    # Goods are taken back, and yesterday's mistakes undone, at the first register by day.
    is_desk = (role == RETURN) | (day > world.visits.day[visit])
    register = draws.integers("register", visit, world.stores.registers[store])
    register = np.where(is_desk, 0, register)
    closed = world.visits.minute[visit].astype(np.int64) * 60 + np.array(_SECONDS_AFTER)[role]
    closed = np.maximum(closed + draws.integers("second", visit, 60), 0)
    by_day = (10 * 60 + draws.integers("minute at the desk", visit, 8 * 60)) * 60 + visit % 60
    fate = _fates(draws, visit)
    amendment = np.full(len(visit), -1, dtype=np.int8)
    for name, (of_role, what) in _AMENDMENTS.items():
        amendment[(fate == list(_FATES).index(name)) & (role == of_role)] = what
    is_voided = (role == SLIP) & (amendment < 0)
    known_day = day + offline_days(draws, store, register, day)
    wait = 1 + draws.integers("days to amendment", visit, _AMENDED_WITHIN)
    return TillRoll(
        role=role.astype(np.int8),
        visit=visit,
        day=day,
        closed=np.where(is_desk, by_day, closed),
        store=store,
        register=register.astype(np.int16),
        known_day=known_day,
        amended_day=np.where(amendment >= 0, known_day + wait, NEVER),
        amendment=amendment,
        voided_day=np.where(is_voided, day + _days_to_void(world, draws, visit), NEVER),
    )
