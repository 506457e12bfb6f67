"""The book of the help desk: changes of tickets' fields and messages, written down with a clock.

What belongs here: how entries are kept and ordered, what working hours are. Which entries there
are stands in `demo.ticket_log`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from demo.calendar import weekdays_of
from demo.columns import SECONDS_A_DAY
from demo.ticket_texts import SENTENCES, TOPICS

STATUSES = ("new", "open", "pending", "on_hold", "solved", "closed")
NEW, OPEN, PENDING, ON_HOLD, SOLVED, CLOSED = range(6)
FIELDS = ("status", "assignee", "group", "priority")
STATUS, ASSIGNEE, GROUP, PRIORITY = range(4)
ACTORS = ("customer", "agent", "bot", "system")
CUSTOMER, AGENT, BOT, SYSTEM = range(4)
NO_VALUE, NO_INTENT, HAND_OFF = -1, -1, len(TOPICS)

HOUR = 3_600
_SUNDAY = 6
_OPENS, _CLOSES, _CHAT_CLOSES = 9 * HOUR, 18 * HOUR, 21 * HOUR


@dataclass(frozen=True)
class Changes:
    """One row a change of a ticket's field, by ticket, then time.

    `second` counts from day 0; `field` indexes FIELDS, `actor` ACTORS; `old` and `new` index
    STATUSES, the agents, the groups or the priorities, NO_VALUE for none.
    """

    ticket: NDArray[np.int32]
    second: NDArray[np.int64]
    field: NDArray[np.int8]
    old: NDArray[np.int16]
    new: NDArray[np.int16]
    actor: NDArray[np.int8]


@dataclass(frozen=True)
class Messages:
    """One row a message, by ticket, then time.

    `author` indexes ACTORS, `agent` is who it is when one writes, `sentence` indexes SENTENCES.all,
    `intent` TOPICS, or is NO_INTENT or HAND_OFF.
    """

    ticket: NDArray[np.int32]
    second: NDArray[np.int64]
    author: NDArray[np.int8]
    agent: NDArray[np.int16]
    is_public: NDArray[np.bool_]
    sentence: NDArray[np.int16]
    intent: NDArray[np.int8]


def in_working_hours(second: NDArray[np.int64], is_chat: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The same instant when somebody works then, else one soon after work begins again.

    Letters and calls are answered on weekdays and Saturdays from 9 to 18, chats daily until 21.
    """
    day, time = np.divmod(second, SECONDS_A_DAY)
    is_late = time >= np.where(is_chat, _CHAT_CLOSES, _CLOSES)
    is_off = is_late | (time < _OPENS)
    day = day + is_late
    is_sunday = (weekdays_of(day) == _SUNDAY) & ~is_chat
    time = np.where(is_off | is_sunday, _OPENS + time % 5_400, time)
    return (day + is_sunday) * SECONDS_A_DAY + time


def awake(second: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same instant, or one in the morning when people sleep then (0 to 7 o'clock)."""
    time = second % SECONDS_A_DAY
    return np.where(time < 7 * HOUR, second - time + 7 * HOUR + time // 4, second)


@dataclass
class Entries:
    """Entries of `n` tickets, written at the time that `clock` (seconds, per ticket) shows.

    `initial` has each ticket's first value of every field; `topic` is what it is about and `agent`
    who has it now.
    """

    clock: NDArray[np.int64]
    topic: NDArray[np.int8]
    agent: NDArray[np.int16]
    initial: NDArray[np.int16]
    rng: np.random.Generator
    _changes: list[tuple] = field(default_factory=list)
    _messages: list[tuple] = field(default_factory=list)

    @property
    def n(self) -> int:
        return len(self.clock)

    def set(
        self, rows: NDArray[np.bool_], of: int, value: int | NDArray[np.int_], actor: int
    ) -> None:
        """Give field `of` of these tickets a value now."""
        index = np.flatnonzero(rows)
        new = np.broadcast_to(value, self.n)[index]
        self._changes.append((index, self.clock[index], of, new, actor))

    def say(
        self,
        rows: NDArray[np.bool_],
        author: int,
        sentences: NDArray[np.int64],
        intent: int | NDArray[np.int_] = NO_INTENT,
        *,
        is_public: bool = True,
    ) -> None:
        """Write a message in these tickets now, one of the sentences."""
        index = np.flatnonzero(rows)
        chosen = SENTENCES.pick(sentences, self.topic[index], self.rng.random(len(index)))
        intents = np.broadcast_to(intent, self.n)[index]
        self._messages.append(
            (index, self.clock[index], author, self.agent[index], is_public, chosen, intents)
        )

    def wait(self, rows: NDArray[np.bool_], least: int, most: int) -> None:
        """Let time pass in these tickets."""
        self.clock = np.where(rows, self.clock + self.rng.integers(least, most, self.n), self.clock)

    def changes(self) -> Changes:
        """All changes in order, each with the value it replaced; without empty ones."""
        ticket, second, of, new, actor = _columns(self._changes)
        order = np.lexsort((np.arange(len(ticket)), second, of, ticket))
        ticket, second, of, new, actor = (part[order] for part in (ticket, second, of, new, actor))
        is_first = np.ones(len(ticket), dtype=bool)
        is_first[1:] = (ticket[1:] != ticket[:-1]) | (of[1:] != of[:-1])
        old = np.where(is_first, self.initial[ticket, of], np.roll(new, 1))
        keep = np.flatnonzero(old != new)
        keep = keep[np.lexsort((of[keep], second[keep], ticket[keep]))]
        return Changes(
            ticket[keep].astype(np.int32),
            second[keep],
            of[keep].astype(np.int8),
            old[keep].astype(np.int16),
            new[keep].astype(np.int16),
            actor[keep].astype(np.int8),
        )

    def messages(self) -> Messages:
        """All messages in order."""
        columns = _columns(self._messages)
        order = np.lexsort((np.arange(len(columns[0])), columns[1], columns[0]))
        ticket, second, author, agent, is_public, sentence, intent = (
            column[order] for column in columns
        )
        return Messages(
            ticket.astype(np.int32),
            second,
            author.astype(np.int8),
            agent.astype(np.int16),
            is_public.astype(bool),
            sentence.astype(np.int16),
            intent.astype(np.int8),
        )


def _columns(parts: list[tuple]) -> list[NDArray]:
    """Columns of the parts one below the other; a single value serves the whole part."""
    return [
        np.concatenate([np.broadcast_to(part[at], len(part[0])) for part in parts])
        for at in range(len(parts[0]))
    ]
