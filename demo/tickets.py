"""The tickets of the help desk: who asks, when, where, about what, and who takes care of it.

What then happens to a ticket stands in `demo.ticket_log`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from demo.calendar import HORIZON_DAYS
from demo.columns import SECONDS_A_DAY
from demo.population import BY_EMAIL, BY_LINE, BY_PHONE, Population
from demo.scale import Scale
from demo.streams import stream
from demo.ticket_texts import COMPLAINT, PRAISE, TOPICS

CHANNELS = ("email", "phone", "web", "line", "chat", "store")
EMAIL, PHONE, WEB, LINE, CHAT, STORE = range(6)
_CHANNELS_OF = {
    BY_EMAIL: (0.42, 0.0, 0.34, 0.0, 0.19, 0.05),
    BY_PHONE: (0.0, 0.84, 0.0, 0.0, 0.0, 0.16),
    BY_LINE: (0.0, 0.0, 0.0, 1.0, 0.0, 0.0),
}
"""Shares of the channels over which each kind of requester writes."""
PRIORITIES = ("low", "normal", "high", "urgent")
GROUPS = ("GBOT", "G1", "G2", "G3")
BOT_GROUP = 0
"""The bot's group; then the desk for letters, the one for chats, the one for shops and calls."""
_GROUP_OF_CHANNEL = (1, 3, 1, 2, 2, 3)

GAP_DAYS = 40
"""Days between two tickets of a requester, on average."""
MORE_TICKETS, _FEWER_AFTER = 10.0, 400
"""Tickets after the first one, on average, of those who appear on day 0; the later they appear,
the fewer (by a factor e after so many days), so that the desk's work stays about the same while
its list of requesters grows."""
_MOST_TICKETS = 24
DUPLICATES = 0.03
"""Share of the tickets that somebody opens a second time; the second is merged into the first."""
CONTAINED = 0.5
"""Share of the LINE and chat tickets that the bot solves alone."""
_UNTYPED = 0.04
_NAMES_STORE, _NAMES_OTHER_STORE = 0.5, 0.05
_PEOPLE_PER_AGENT, _LEAST_AGENTS = 8_000, 3


@dataclass(frozen=True)
class Tickets:
    """One row a ticket of the horizon, by creation; the index is its number less one.

    `requester` int32 index; `channel`, `topic`, `priority`, `group`, `type` int8 indexes (`type`
    -1: the desk gave none); `agent` int16; `store` int16 index of a physical store, -1 for none;
    `created` int64 seconds since day 0; `is_contained`: solved by the bot alone; `is_handed_off`:
    the bot gave up; `merged_into`: index of the ticket that takes this one over, -1 for none.
    """

    requester: NDArray[np.int32]
    channel: NDArray[np.int8]
    topic: NDArray[np.int8]
    type: NDArray[np.int8]
    priority: NDArray[np.int8]
    group: NDArray[np.int8]
    agent: NDArray[np.int16]
    store: NDArray[np.int16]
    created: NDArray[np.int64]
    is_contained: NDArray[np.bool_]
    is_handed_off: NDArray[np.bool_]
    merged_into: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.created)

    @property
    def day(self) -> NDArray[np.int64]:
        """Day index of the creation."""
        return self.created // SECONDS_A_DAY

    def take(self, rows: NDArray[np.int64]) -> dict[str, NDArray]:
        """The columns at these rows, by name."""
        return {each.name: getattr(self, each.name)[rows] for each in fields(self)}


def agents_per_group(scale: Scale) -> int:
    """Agents in each group but the bot's; those of group g begin at (g - 1) times that."""
    return max(_LEAST_AGENTS, scale.people // _PEOPLE_PER_AGENT)


def build_tickets(population: Population) -> Tickets:
    """All tickets of the horizon: one when a requester appears, others at random later."""
    rng = stream(population.seed, "tickets")
    requester, day = _ticket_days(population, rng)
    firsts = _describe(population, rng, requester, day)
    return _in_order(_with_duplicates(firsts, rng))


def _ticket_days(
    population: Population, rng: np.random.Generator
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    created = population.requesters.created_day.astype(np.int64)
    more = MORE_TICKETS * np.exp(-created / _FEWER_AFTER)
    count = rng.geometric(1 / (1 + more))
    gaps = 1 + rng.exponential(GAP_DAYS, (_MOST_TICKETS - 1, len(created)))
    days = created + np.vstack([np.zeros(len(created)), np.cumsum(gaps, axis=0)])
    days = np.where(np.arange(_MOST_TICKETS)[:, None] < count, days, HORIZON_DAYS)
    number, requester = np.nonzero((days >= 0) & (days < HORIZON_DAYS))
    return requester.astype(np.int32), days[number, requester].astype(np.int64)


def _describe(
    population: Population,
    rng: np.random.Generator,
    requester: NDArray[np.int32],
    day: NDArray[np.int64],
) -> Tickets:
    n, kind = len(requester), population.requesters.kind[requester]
    shares = np.cumsum([_CHANNELS_OF[kind] for kind in (BY_EMAIL, BY_PHONE, BY_LINE)], axis=1)
    channel = (rng.random(n)[:, None] >= shares[kind]).sum(axis=1).astype(np.int8)
    weights = np.array([topic.weight for topic in TOPICS])
    topic = rng.choice(len(TOPICS), n, p=weights / weights.sum()).astype(np.int8)
    is_bots = np.isin(channel, (LINE, CHAT))
    is_contained = is_bots & (rng.random(n) < CONTAINED)
    group = np.array(_GROUP_OF_CHANNEL)[channel]
    agents = agents_per_group(population.scale)
    kind_of_topic = np.array([topic.type for topic in TOPICS])[topic]
    return Tickets(
        requester=requester,
        channel=channel,
        topic=topic,
        type=np.where(rng.random(n) < _UNTYPED, -1, kind_of_topic).astype(np.int8),
        priority=_priorities(rng, kind_of_topic),
        group=group.astype(np.int8),
        agent=((group - 1) * agents + rng.integers(0, agents, n)).astype(np.int16),
        store=_stores(population, rng, requester, channel, topic),
        created=day * SECONDS_A_DAY + _seconds(rng, channel),
        is_contained=is_contained,
        is_handed_off=is_bots & ~is_contained,
        merged_into=np.full(n, -1, dtype=np.int32),
    )


def _priorities(rng: np.random.Generator, kind: NDArray[np.int64]) -> NDArray[np.int8]:
    chance = rng.random(len(kind))
    usual = np.where(chance < 0.15, 0, np.where(chance < 0.92, 1, 2))
    complaint = np.where(chance < 0.55, 1, np.where(chance < 0.95, 2, 3))
    return np.select([kind == COMPLAINT, kind == PRAISE], [complaint, 0], usual).astype(np.int8)


def _stores(
    population: Population,
    rng: np.random.Generator,
    requester: NDArray[np.int32],
    channel: NDArray[np.int8],
    topic: NDArray[np.int8],
) -> NDArray[np.int16]:
    """The store that a ticket is about: the requester's, where the desk noted it."""
    of_store = np.array([topic.of_store for topic in TOPICS])[topic]
    share = np.where(of_store, _NAMES_STORE, _NAMES_OTHER_STORE)
    is_named = (rng.random(len(topic)) < share) | (channel == STORE)
    home = population.home_store[population.requesters.person[requester]]
    return np.where(is_named, home, -1).astype(np.int16)


def _seconds(rng: np.random.Generator, channel: NDArray[np.int8]) -> NDArray[np.int64]:
    """Second of the day: calls and visits in working hours, letters from 7 until midnight."""
    spoken = np.isin(channel, (PHONE, STORE))
    first = np.where(spoken, 9.5 * 3_600, 7 * 3_600)
    length = np.where(spoken, 8 * 3_600, 17 * 3_600 - 60)
    return (first + length * rng.beta(1.6, 1.4, len(channel))).astype(np.int64)


def _with_duplicates(tickets: Tickets, rng: np.random.Generator) -> Tickets:
    """Some people write once more, some hours later, by mail or form, about the same thing."""
    may = np.isin(tickets.channel, (EMAIL, WEB)) | tickets.is_handed_off
    rows = np.flatnonzero(may & (rng.random(len(tickets)) < DUPLICATES))
    first = tickets.take(rows)
    again = first | {
        "channel": np.where(first["channel"] == LINE, LINE, rng.choice([EMAIL, WEB], len(rows))),
        "created": first["created"] + rng.integers(1_200, 18_000, len(rows)),
        "is_handed_off": np.zeros(len(rows), dtype=bool),
        "merged_into": rows,
    }
    everything = tickets.take(np.arange(len(tickets)))
    return Tickets(
        **{
            name: np.concatenate([column, again[name].astype(column.dtype)])
            for name, column in everything.items()
        }
    )


def _in_order(tickets: Tickets) -> Tickets:
    """By creation; a merged ticket still points to the one that took it over."""
    order = np.lexsort((np.arange(len(tickets)), tickets.created))
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order))
    columns = tickets.take(order)
    into = columns["merged_into"]
    columns["merged_into"] = np.where(into < 0, -1, place[into]).astype(np.int32)
    return Tickets(**columns)
