"""The life of each ticket: who answers when, asks back, solves, comes back, closes.

The rules of the desk: the bot answers LINE and chat first and solves some alone; an agent takes the
others over in working hours, answers, asks back, solves; some customers come back; the system
closes what stayed solved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.columns import SECONDS_A_DAY
from demo.streams import stream
from demo.ticket_entries import (
    AGENT,
    ASSIGNEE,
    BOT,
    CLOSED,
    CUSTOMER,
    GROUP,
    HAND_OFF,
    HOUR,
    NEW,
    NO_VALUE,
    ON_HOLD,
    OPEN,
    PENDING,
    PRIORITY,
    SOLVED,
    STATUS,
    SYSTEM,
    Changes,
    Entries,
    Messages,
    awake,
    in_working_hours,
)
from demo.ticket_texts import COMPLAINT, SENTENCES
from demo.tickets import BOT_GROUP, CHAT, LINE, PHONE, PRIORITIES, STORE, Tickets

NEVER = np.iinfo(np.int64).max
_MEDIAN_REPLY = (5_400, 300, 7_200, 240, 90, 600)
"""Seconds until an agent answers, by channel."""
_ROUNDS = (0.6, 0.28, 0.12)
"""Shares of the tickets with no, one, two questions back."""
_ACKNOWLEDGED, _THANKS_BOT = 0.4, 0.6
_HOLDS, _ESCALATES, _TRANSFERS, _STAYS_OPEN = 0.06, 0.12, 0.18, 0.02
_REOPENS, _REOPENS_COMPLAINT, _CLOSES = 0.07, 0.15, 0.92
_CLOSED_AFTER = 5 * SECONDS_A_DAY


@dataclass(frozen=True)
class TicketLog:
    """Everything that happens to the tickets; per ticket `solved` (first time, NEVER if not),
    `reopened` (how often), `waited` (seconds until an agent's answer, 0 without one) and
    `initial`: the first value of every field."""

    changes: Changes
    messages: Messages
    solved: NDArray[np.int64]
    reopened: NDArray[np.int8]
    waited: NDArray[np.int64]
    initial: NDArray[np.int16]


def build_log(tickets: Tickets, agents: int, seed: int) -> TicketLog:
    """The whole life of all tickets, with so many agents in each group."""
    desk = _Desk(tickets, agents, seed)
    desk.receive()
    desk.let_bot_answer()
    desk.assign()
    desk.merge_duplicates()
    desk.converse()
    desk.solve()
    desk.reopen()
    desk.close()
    book = desk.book
    return TicketLog(
        changes=book.changes(),
        messages=book.messages(),
        solved=desk.first_solved,
        reopened=desk.reopened,
        waited=desk.waited,
        initial=book.initial,
    )


class _Desk:
    """The rules, one a method, in the order in which they apply; arrays over tickets."""

    def __init__(self, tickets: Tickets, agents: int, seed: int) -> None:
        self.tickets, self.agents, n = tickets, agents, len(tickets)
        self.rng = stream(seed, "ticket log")
        self.is_spoken = np.isin(tickets.channel, (PHONE, STORE))
        self.is_merged = tickets.merged_into >= 0
        self.is_chat = np.isin(tickets.channel, (LINE, CHAT)) & ~self.is_merged
        self.by_agent = ~tickets.is_contained & ~self.is_merged
        self.first_solved, self.last_solved = np.full(n, NEVER), np.full(n, NEVER)
        self.reopened, self.waited = np.zeros(n, dtype=np.int8), np.zeros(n, dtype=np.int64)
        self.book = Entries(
            clock=tickets.created.copy(),
            topic=tickets.topic,
            agent=tickets.agent.copy(),
            initial=np.stack(
                [
                    np.full(n, NEW),
                    np.full(n, NO_VALUE),
                    np.where(self.is_chat, BOT_GROUP, tickets.group),
                    tickets.priority,
                ],
                axis=1,
                dtype=np.int16,
            ),
            rng=self.rng,
        )

    def receive(self) -> None:
        """The request: written by the customer, or noted by the agent who took the call."""
        self.book.say(~self.is_spoken, CUSTOMER, SENTENCES.opening)
        self.book.say(self.tickets.channel == PHONE, AGENT, SENTENCES.call)
        self.book.say(self.tickets.channel == STORE, AGENT, SENTENCES.visit)

    def let_bot_answer(self) -> None:
        """The bot answers chats, and acknowledges some letters."""
        book, contained, handed = self.book, self.tickets.is_contained, self.tickets.is_handed_off
        answers = self.is_chat | (~self.is_spoken & self._some(_ACKNOWLEDGED))
        book.wait(answers, 2, 6)
        book.say(answers, BOT, SENTENCES.bot, self.tickets.topic)
        thanked = contained & self._some(_THANKS_BOT)
        book.wait(thanked, 30, 240)
        book.say(thanked, CUSTOMER, SENTENCES.thanks)
        book.wait(contained, 120, 300)
        self._solve(contained, BOT)
        book.wait(handed, 20, 90)
        book.say(handed, CUSTOMER, SENTENCES.follow_up)
        book.wait(handed, 2, 6)
        book.say(handed, BOT, SENTENCES.hand_off, HAND_OFF)
        book.set(handed, GROUP, self.tickets.group, BOT)

    def assign(self) -> None:
        """An agent takes over: who took the call at once, the others in working hours."""
        book, n = self.book, self.book.n
        lag = np.where(self.is_chat, self.rng.integers(2, 80, n), self.rng.integers(60, 2_400, n))
        self._work(self.by_agent | self.is_merged, np.where(self.is_spoken, 5, lag))
        book.set(self.by_agent | self.is_merged, ASSIGNEE, book.agent, SYSTEM)
        book.set(self.by_agent, STATUS, OPEN, AGENT)
        raised = (self.tickets.type == COMPLAINT) & self.by_agent & self._some(_ESCALATES)
        book.wait(raised, 60, 300)
        highest = len(PRIORITIES) - 1
        book.set(raised, PRIORITY, np.minimum(self.tickets.priority + 1, highest), AGENT)

    def merge_duplicates(self) -> None:
        """A ticket that was merged into another gets a note and is closed."""
        self.book.wait(self.is_merged, 30, 120)
        self.book.say(self.is_merged, AGENT, SENTENCES.merge, is_public=False)
        self.book.set(self.is_merged, STATUS, CLOSED, AGENT)

    def converse(self) -> None:
        """Answers and questions in turn; a ticket may wait for others or change its agent."""
        book = self.book
        rounds = self.rng.choice(len(_ROUNDS), book.n, p=_ROUNDS)
        rounds = np.where(self.by_agent, rounds, -1)
        self._hold(self.by_agent & ~self.is_chat & self._some(_HOLDS))
        for number in range(len(_ROUNDS)):
            answered, asked = rounds >= number, rounds > number
            self._reply(answered, SENTENCES.reply if number == 0 else SENTENCES.closing)
            if number == 0:
                self.waited = np.where(answered, book.clock - self.tickets.created, 0)
            book.wait(asked, 1, 3)
            book.set(asked, STATUS, PENDING, AGENT)
            self._ask(asked, SENTENCES.follow_up)
            if number == 0:
                self._transfer(asked & self._some(_TRANSFERS))

    def solve(self) -> None:
        """Nearly all tickets get solved, soon after the last answer."""
        rows = self.by_agent & ~self._some(_STAYS_OPEN)
        self.book.wait(rows, 10, 900)
        self._solve(rows, AGENT)

    def reopen(self) -> None:
        """Some customers come back, once or twice."""
        share = np.where(self.tickets.type == COMPLAINT, _REOPENS_COMPLAINT, _REOPENS)
        rows = self.by_agent & (self.last_solved < NEVER)
        for _ in range(2):
            rows = rows & self._some(share)
            self._ask(rows, SENTENCES.reopening)
            self._reply(rows, SENTENCES.reply)
            self.book.wait(rows, 10, 900)
            self._solve(rows, AGENT)
            self.reopened += rows

    def close(self) -> None:
        """The system closes what stayed solved for some days."""
        rows = (self.last_solved < NEVER) & self._some(_CLOSES)
        self.book.clock[rows] = self.last_solved[rows] + _CLOSED_AFTER
        self.book.set(rows, STATUS, CLOSED, SYSTEM)

    def _solve(self, rows: NDArray[np.bool_], actor: int) -> None:
        self.book.set(rows, STATUS, SOLVED, actor)
        self.last_solved = np.where(rows, self.book.clock, self.last_solved)
        self.first_solved = np.minimum(self.first_solved, self.last_solved)

    def _ask(self, rows: NDArray[np.bool_], sentences: NDArray[np.int64]) -> None:
        """The customer writes again after a while, which opens the ticket."""
        self.book.wait(rows & self.is_chat, 60, 900)
        self.book.wait(rows & ~self.is_chat, HOUR, 48 * HOUR)
        self.book.clock = np.where(rows, awake(self.book.clock), self.book.clock)
        self.book.say(rows, CUSTOMER, sentences)
        self.book.set(rows, STATUS, OPEN, CUSTOMER)

    def _reply(self, rows: NDArray[np.bool_], sentences: NDArray[np.int64]) -> None:
        median = np.array(_MEDIAN_REPLY)[self.tickets.channel]
        self._work(rows, 20 + median * self.rng.lognormal(0.0, 0.9, self.book.n))
        self.book.say(rows, AGENT, sentences)

    def _hold(self, rows: NDArray[np.bool_]) -> None:
        """The agent waits for somebody else."""
        self.book.wait(rows, 300, 2_400)
        self.book.say(rows, AGENT, SENTENCES.note, is_public=False)
        self.book.set(rows, STATUS, ON_HOLD, AGENT)
        self._work(rows, self.rng.integers(SECONDS_A_DAY // 2, 3 * SECONDS_A_DAY, self.book.n))
        self.book.set(rows, STATUS, OPEN, AGENT)

    def _transfer(self, rows: NDArray[np.bool_]) -> None:
        """To the next agent of the group."""
        first = (self.tickets.group - 1) * self.agents
        colleague = first + (self.book.agent - first + 1) % self.agents
        self.book.wait(rows, 60, 600)
        self.book.agent = np.where(rows, colleague, self.book.agent)
        self.book.set(rows, ASSIGNEE, self.book.agent, AGENT)

    def _work(self, rows: NDArray[np.bool_], lag: NDArray[np.float64]) -> None:
        """Let working time pass in these tickets."""
        after = in_working_hours(self.book.clock + lag.astype(np.int64), self.is_chat)
        self.book.clock = np.where(rows, after, self.book.clock)

    def _some(self, share: float | NDArray[np.float64]) -> NDArray[np.bool_]:
        return self.rng.random(self.book.n) < share
