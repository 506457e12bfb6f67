"""Rows of tickets, of their changes and of their messages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from demo.book import NO_RECEIPT, receipt_number
from demo.columns import SECONDS_A_DAY, ids, instants, texts, within, words
from demo.identities import Identities
from demo.receipts import receipt_ids
from demo.signatures import signed
from demo.ticket_entries import (
    ACTORS,
    AGENT,
    ASSIGNEE,
    BOT,
    CLOSED,
    CUSTOMER,
    FIELDS,
    GROUP,
    PRIORITY,
    STATUS,
    STATUSES,
)
from demo.ticket_log import TicketLog
from demo.ticket_receipts import purchases_of
from demo.ticket_texts import HAND_OFF_INTENT, SENTENCES, TOPICS, TYPES
from demo.tickets import CHANNELS, GROUPS, PRIORITIES, Tickets, agents_per_group
from demo.till_roll import SALE

if TYPE_CHECKING:
    from demo.world import World

_INTENTS = (*(topic.intent for topic in TOPICS), HAND_OFF_INTENT)


@dataclass(frozen=True)
class TicketRows:
    """Rows of all tickets of the horizon, at any day."""

    identities: Identities
    tickets: Tickets
    log: TicketLog

    def ticket_ids(self, ticket: NDArray[np.int_]) -> pa.Array:
        return ids("T", np.asarray(ticket) + 1, 7)

    def ticket_rows(self, world: World, first_day: int, last_day: int) -> pa.Table:
        """One row a ticket in which something happened in those days, as it stands at their end."""
        last_entry = np.full(len(self.tickets), -1)
        for entries in (self.log.changes, self.log.messages):
            known = np.flatnonzero(entries.second < (last_day + 1) * SECONDS_A_DAY)
            np.maximum.at(last_entry, entries.ticket[known], entries.second[known])
        rows = np.flatnonzero(last_entry >= first_day * SECONDS_A_DAY)
        tickets, state = self.tickets, self._state(last_day)
        status, merged_into = state[rows, STATUS], tickets.merged_into[rows]
        # Merging closes a ticket: until then nothing shows that it will be merged.
        is_merged = (merged_into >= 0) & (status == CLOSED)
        requesters, purchases = self.identities.population.requesters, purchases_of(world)
        return pa.table(
            {
                "ticket_id": self.ticket_ids(rows),
                "requester_id": texts(requesters.source_id[tickets.requester[rows]]),
                "channel": words(CHANNELS, tickets.channel[rows]),
                "type": words(TYPES, tickets.type[rows]),
                "topic": words([topic.name for topic in TOPICS], tickets.topic[rows]),
                "priority": words(PRIORITIES, state[rows, PRIORITY]),
                "status": words(STATUSES, status),
                "created_at": instants(tickets.created[rows]),
                "updated_at": instants(last_entry[rows]),
                "assignee_id": words(self._agents, state[rows, ASSIGNEE]),
                "group_id": words(GROUPS, state[rows, GROUP]),
                "merged_into_ticket_id": pc.if_else(
                    is_merged, self.ticket_ids(np.maximum(merged_into, 0)), None
                ),
                "store_id": words(world.stores.store_id, purchases.store[rows]),
                "related_receipt_id": _sales(purchases.visit[rows]),
            }
        )

    def change_rows(self, first_day: int, last_day: int) -> pa.Table:
        """One row a change of a ticket's field in those days."""
        changes = self.log.changes
        rows = self._in_order(changes.second, first_day, last_day)
        field = changes.field[rows]
        return pa.table(
            {
                "ticket_event_id": ids("H", self._change_numbers[rows], 8),
                "ticket_id": self.ticket_ids(changes.ticket[rows]),
                "field": words(FIELDS, field),
                "old_value": self._values(field, changes.old[rows]),
                "new_value": self._values(field, changes.new[rows]),
                "occurred_at": instants(changes.second[rows]),
                "actor_type": words(ACTORS, changes.actor[rows]),
            }
        )

    def message_rows(self, first_day: int, last_day: int) -> pa.Table:
        """One row a message of those days; customers sign some of them."""
        messages = self.log.messages
        rows = self._in_order(messages.second, first_day, last_day)
        author, requesters = messages.author[rows], self.identities.population.requesters
        requester = self.tickets.requester[messages.ticket[rows]]
        body = signed(
            self.identities,
            "message",
            self._message_numbers[rows],
            requesters.person[requester],
            words(SENTENCES.all, messages.sentence[rows]),
            author == CUSTOMER,
        )
        agent = words(self._agents, np.where(author == AGENT, messages.agent[rows], -1))
        bot = words(("BOT",), np.where(author == BOT, 0, -1))
        return pa.table(
            {
                "message_id": ids("G", self._message_numbers[rows], 8),
                "ticket_id": self.ticket_ids(messages.ticket[rows]),
                "author_type": words(ACTORS, author),
                "author_id": pc.coalesce(agent, bot, texts(requesters.source_id[requester])),
                "is_public": pa.array(messages.is_public[rows]),
                "created_at": instants(messages.second[rows]),
                "intent": words(_INTENTS, messages.intent[rows]),
                "body": body,
            }
        )

    @cached_property
    def _agents(self) -> list[str]:
        count = agents_per_group(self.identities.population.scale) * (len(GROUPS) - 1)
        return [f"AG{number + 1:03d}" for number in range(count)]

    @cached_property
    def _change_numbers(self) -> NDArray[np.int64]:
        return _numbers(self.log.changes.second)

    @cached_property
    def _message_numbers(self) -> NDArray[np.int64]:
        return _numbers(self.log.messages.second)

    @staticmethod
    def _in_order(second: NDArray[np.int64], first_day: int, last_day: int) -> NDArray[np.int64]:
        rows = within(second // SECONDS_A_DAY, first_day, last_day)
        return rows[np.argsort(second[rows], kind="stable")]

    def _state(self, last_day: int) -> NDArray[np.int16]:
        """Value of each field of each ticket at the end of a day."""
        changes, state = self.log.changes, self.log.initial.copy()
        known = np.flatnonzero(changes.second < (last_day + 1) * SECONDS_A_DAY)
        slot = changes.ticket[known].astype(np.int64) * len(FIELDS) + changes.field[known]
        # Entries are in the order of time, so the last one of each slot counts.
        slots, from_end = np.unique(slot[::-1], return_index=True)
        state.reshape(-1)[slots] = changes.new[known[::-1][from_end]]
        return state

    def _values(self, field: NDArray[np.int8], value: NDArray[np.int16]) -> pa.Array:
        """Values of the fields as words; NULL for none."""
        choices = {STATUS: STATUSES, ASSIGNEE: self._agents, GROUP: GROUPS, PRIORITY: PRIORITIES}
        return pc.coalesce(
            *(words(names, np.where(field == of, value, -1)) for of, names in choices.items())
        )


def _sales(visit: NDArray[np.int64]) -> pa.Array:
    """Ids of the receipts of the visits; NULL for none."""
    number = receipt_number(SALE, np.maximum(visit, 0))
    return receipt_ids(np.where(visit < 0, NO_RECEIPT, number))


def _numbers(second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers from 1 on, in the order of time."""
    numbers = np.empty(len(second), dtype=np.int64)
    numbers[np.argsort(second, kind="stable")] = np.arange(1, len(second) + 1)
    return numbers
