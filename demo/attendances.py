"""Who registers for the event of a campaign, cancels, and comes: rows of the mail tool.

An event is a tasting in every shop on the days on which planted purchases happen. Coming to it
makes nobody buy: those whose purchase the campaign planted mostly taste before they pay, and of the
others those come who are in the shop anyway. So guests buy far more than other people, and much
less of it is owed to the campaign than their receipts seem to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from demo.audiences import pair_ids
from demo.campaigns import WINDOW
from demo.columns import SECONDS_A_DAY, ids, instants, texts, within, words
from demo.mail_events import sent_seconds
from demo.streams import Draws

if TYPE_CHECKING:
    from demo.world import World

ACTIONS = ("registered", "cancelled", "attended")
REGISTERED, CANCELLED, ATTENDED = range(len(ACTIONS))
LAST_GUEST = WINDOW
"""Days after the send in which the last guests become known: those of a shop open past midnight."""
_COMES_WHEN_LIFTED, _COMES_WHEN_IN_SHOP, _COMES_ANYWAY = 0.85, 0.2, 0.03
_WALKS_IN = 0.01
"""Share of the members who are in a shop then and were not invited."""
_GUEST_REGISTERS, _OTHER_REGISTERS, _CANCELS, _BY_MAIL = 0.7, 0.06, 0.4, 0.35
_LEAST_LEAD, _MORE_LEAD = 300, 2_100
"""Seconds from the tasting to the till."""
_FIRST_GUEST, _GUEST_HOURS = 3_600, 8 * 3_600
_Part = tuple[int, NDArray, NDArray, NDArray, NDArray, NDArray]
"""Action, persons, members, subscribers (-1 of whom the card named), seconds, stores."""


@dataclass(frozen=True)
class Attendances:
    """One row an action of one campaign's event, by second: arrays.

    `action` indexes ACTIONS, `second` counts from day 0; a row names the `subscriber`, or, where
    that is -1, the `member`; `store` is -1 where none is named.
    """

    action: NDArray[np.int64]
    person: NDArray[np.int64]
    member: NDArray[np.int64]
    subscriber: NDArray[np.int64]
    second: NDArray[np.int64]
    store: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.action)


def attendance_rows(world: World, first_day: int, last_day: int) -> pa.Table:
    """One row a registration, cancellation or attendance of those days."""
    campaigns = world.plan.campaigns
    sent = within(campaigns.send_day, first_day - LAST_GUEST, last_day)
    events = sent[campaigns.channel[sent] == "event"]
    parts = [_rows(world, int(number), first_day, last_day) for number in events]
    return pa.concat_tables(parts) if parts else _rows(world, 0, 0, -1)


def _rows(world: World, number: int, first_day: int, last_day: int) -> pa.Table:
    found, population = campaign_attendances(world, number), world.population
    rows = within(found.second // SECONDS_A_DAY, first_day, last_day)
    member, subscriber = found.member[rows], found.subscriber[rows]
    by_mail, campaign_id = subscriber >= 0, world.plan.campaigns.campaign_id[number]
    return pa.table(
        {
            "attendance_id": ids(f"A{campaign_id[1:]}", rows, 6),
            "campaign_id": texts([campaign_id] * len(rows)),
            "action": words(ACTIONS, found.action[rows]),
            "occurred_at": instants(found.second[rows]),
            "subscriber_id": texts(
                np.where(by_mail, population.subscribers.source_id[subscriber], "")
            ),
            "member_id": texts(np.where(by_mail, "", population.members.source_id[member])),
            "store_id": words(world.stores.store_id, found.store[rows]),
        }
    )


def campaign_attendances(world: World, number: int) -> Attendances:
    """All actions of a campaign's event; none where the campaign is no event."""
    if world.plan.campaigns.channel[number] != "event":
        return _gather([])
    event = _Event(world, number)
    return _gather([*event.invited(), *event.walk_ins()])


class _Event:
    """One campaign's event: arrays over the people who were invited."""

    def __init__(self, world: World, number: int) -> None:
        audiences, rows = world.plan.audiences, world.plan.audiences.rows_of(number)
        sent = ~audiences.is_holdout[rows]
        self.world, self.number, self.draws = world, number, Draws(world.population.seed)
        self.first_day = int(world.plan.campaigns.send_day[number]) + 1
        self.audience = audiences.person[rows]
        self.person = audiences.person[rows][sent].astype(np.int64)
        self.member = audiences.member[rows][sent].astype(np.int64)
        self.subscriber = audiences.subscriber[rows][sent].astype(np.int64)
        self.is_lifted = world.plan.is_lifted[rows][sent]
        self.sent = sent_seconds(world.plan, number)[sent]
        self.ids = pair_ids(number, self.person)

    def invited(self) -> list[_Part]:
        """Registrations, cancellations and attendances of those who were invited."""
        comes, second, store = self._attendance()
        registers = self._chance("registers", np.where(comes, _GUEST_REGISTERS, _OTHER_REGISTERS))
        cancels = registers & ~comes & self._chance("cancels", _CANCELS)
        subscriber = np.where(registers & self._chance("by mail", _BY_MAIL), self.subscriber, -1)
        opening = self.first_day * SECONDS_A_DAY + self._opening(store)
        latest = np.where(comes, second, opening) - 1_800
        start = self.sent + 600
        registered = start + (self._uniform("second registered") ** 2 * (latest - start))
        end = (self.first_day + WINDOW - 1) * SECONDS_A_DAY
        cancelled = registered + self._uniform("second cancelled") * (end - registered)
        return [
            self._part(action, rows, subscriber, np.floor(at).astype(np.int64), store)
            for action, rows, at in (
                (REGISTERED, registers, registered),
                (CANCELLED, cancels, cancelled),
                (ATTENDED, comes, second),
            )
        ]

    def walk_ins(self) -> list[_Part]:
        """Members who taste in passing; the invitation was not sent to them, nor held back."""
        visits, visit = self.world.visits, self._visits_in_shops()
        visit = visit[(visits.member[visit] >= 0) & ~np.isin(visits.person[visit], self.audience)]
        visit = visit[np.unique(visits.person[visit], return_index=True)[1]]
        ids = pair_ids(self.number, visits.person[visit])
        visit = visit[self.draws.chance("walks in", ids, _WALKS_IN)]
        person, member, store = (
            column[visit].astype(np.int64)
            for column in (visits.person, visits.member, visits.store)
        )
        return [
            (ATTENDED, person, member, np.full(len(visit), -1), self._before_till(visit), store)
        ]

    def _attendance(self) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
        """Who comes, when, and to which shop: that of their purchase, else the own one."""
        world, stores = self.world, self.world.stores
        visit = self._visit_of_each()
        is_there = visit >= 0
        share = np.where(is_there, _COMES_WHEN_IN_SHOP, _COMES_ANYWAY)
        share = np.where(self.is_lifted & is_there, _COMES_WHEN_LIFTED, share)
        home = world.population.home_store[self.person].astype(np.int64)
        store = np.where(is_there, world.visits.store[visit], home)
        day = self.first_day + self.draws.integers("day of the event", self.ids, WINDOW - 1)
        by_day = day * SECONDS_A_DAY + self._opening(store) + _FIRST_GUEST
        by_day += self.draws.integers("second of the event", self.ids, _GUEST_HOURS)
        comes = self._chance("comes", share) & (is_there | stores.is_open(store, day))
        return comes, np.where(is_there, self._before_till(visit), by_day), store

    def _visit_of_each(self) -> NDArray[np.int64]:
        """The first visit of each invited person to a shop, one that the campaign planted before
        all; -1 for none."""
        visits, visit = self.world.visits, self._visits_in_shops()
        is_other = visits.campaign[visit] != self.number
        order = np.lexsort((visit, is_other, visits.person[visit]))
        person, first = np.unique(visits.person[visit][order], return_index=True)
        if not len(person):
            return np.full(len(self.person), -1)
        place = np.minimum(np.searchsorted(person, self.person), len(person) - 1)
        return np.where(person[place] == self.person, visit[order][first][place], -1)

    def _visits_in_shops(self) -> NDArray[np.int64]:
        visit = self.world.visits.between(self.first_day, self.first_day + WINDOW - 2)
        return visit[self.world.visits.store[visit] < self.world.stores.physical]

    def _before_till(self, visit: NDArray[np.int64]) -> NDArray[np.int64]:
        """Second of the tasting before each visit's purchase, in opening hours."""
        visits = self.world.visits
        second = visits.minute[visit].astype(np.int64) * 60
        since = second - self._opening(visits.store[visit])
        lead = _LEAST_LEAD + self.draws.integers("tasting before", visit, _MORE_LEAD)
        lead = np.minimum(lead, np.maximum(since // 2, 1))
        return visits.day[visit].astype(np.int64) * SECONDS_A_DAY + second - lead

    def _opening(self, store: NDArray) -> NDArray[np.int64]:
        return self.world.stores.first_hour[store].astype(np.int64) * 3_600

    def _part(
        self,
        action: int,
        rows: NDArray[np.bool_],
        subscriber: NDArray[np.int64],
        second: NDArray[np.int64],
        store: NDArray[np.int64],
    ) -> _Part:
        columns = (self.person, self.member, subscriber, second, store)
        return action, *(column[rows] for column in columns)

    def _chance(self, what: str, share: float | NDArray[np.float64]) -> NDArray[np.bool_]:
        return self.draws.chance(f"event: {what}", self.ids, share)

    def _uniform(self, what: str) -> NDArray[np.float64]:
        return self.draws.uniform(f"event: {what}", self.ids)


def _gather(parts: list[_Part]) -> Attendances:
    """One table of the parts, by second."""
    sizes = [len(part[1]) for part in parts]
    action = np.repeat(np.array([part[0] for part in parts], dtype=np.int64), sizes)
    columns = [
        np.concatenate([part[i] for part in parts]) if parts else np.empty(0, dtype=np.int64)
        for i in range(1, 6)
    ]
    order = np.lexsort((columns[0], action, columns[3]))
    person, member, subscriber, second, store = (column[order] for column in columns)
    return Attendances(action[order], person, member, subscriber, second, store)
