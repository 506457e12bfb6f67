"""The help desk with everything that hangs on it: tickets, ratings, the survey, LINE."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from demo.columns import SECONDS_A_DAY, ids, instants, texts, within, words
from demo.friends import ACTIONS, FriendActions, friend_actions
from demo.identities import Identities
from demo.population import Population
from demo.satisfaction import COMMENTS, Ratings, build_ratings
from demo.signatures import signed
from demo.survey_rows import invitation_rows, response_rows
from demo.surveys import Survey, build_survey
from demo.ticket_log import build_log
from demo.ticket_rows import TicketRows
from demo.tickets import agents_per_group, build_tickets

if TYPE_CHECKING:
    from demo.world import World

BEFORE_ALL = -10_000
"""A day before any: the first delivery also brings what happened before the data starts."""


@dataclass(frozen=True)
class HelpDesk:
    """Everything of the horizon, drawn once."""

    rows: TicketRows
    ratings: Ratings
    survey: Survey
    friends: FriendActions


def build_desk(population: Population) -> HelpDesk:
    """The help desk of a population."""
    tickets = build_tickets(population)
    log = build_log(tickets, agents_per_group(population.scale), population.seed)
    return HelpDesk(
        rows=TicketRows(Identities(population), tickets, log),
        ratings=build_ratings(population, tickets, log),
        survey=build_survey(population, tickets),
        friends=friend_actions(population),
    )


def deliver(world: World, first_day: int, last_day: int) -> Iterator[tuple[str, pa.Table]]:
    """Rows of the help desk that are new or changed in those days, as they stand at their end."""
    desk, days = world.desk, (first_day, last_day)
    identities = desk.rows.identities
    yield "support.tickets", desk.rows.ticket_rows(world, *days)
    yield "support.ticket_events", desk.rows.change_rows(*days)
    yield "support.messages", desk.rows.message_rows(*days)
    yield "support.satisfaction_ratings", rating_rows(desk, *days)
    yield "support.survey_invitations", invitation_rows(identities, desk.survey, *days)
    yield "support.survey_responses", response_rows(identities, desk.survey, *days)
    yield "support.chat_links", chat_link_rows(desk, *days)


def rating_rows(desk: HelpDesk, first_day: int, last_day: int) -> pa.Table:
    """One row a rating that was offered or given in those days; no score while it is not given."""
    ratings, rows_of = desk.ratings, desk.rows
    offered, rated = ratings.offered // SECONDS_A_DAY, ratings.rated // SECONDS_A_DAY
    is_new = (offered >= first_day) & (offered <= last_day)
    rows = np.flatnonzero(is_new | ((rated >= first_day) & (rated <= last_day)))
    is_open = rated[rows] > last_day
    ticket = ratings.ticket[rows]
    requester = rows_of.tickets.requester[ticket]
    return pa.table(
        {
            "rating_id": ids("S", rows + 1, 7),
            "ticket_id": rows_of.ticket_ids(ticket),
            "offered_at": instants(ratings.offered[rows]),
            "score": pa.array(ratings.score[rows].astype(np.int64), mask=is_open),
            "rated_at": instants(np.where(is_open, 0, ratings.rated[rows]), is_open),
            "comment": signed(
                rows_of.identities,
                "rating",
                rows,
                rows_of.identities.population.requesters.person[requester],
                words(COMMENTS, np.where(is_open, -1, ratings.comment[rows])),
                ~is_open,
            ),
        }
    )


def chat_link_rows(desk: HelpDesk, first_day: int, last_day: int) -> pa.Table:
    """One row a follow, a block or an account link of those days."""
    friends, identities = desk.friends, desk.rows.identities
    since = BEFORE_ALL if first_day == 0 else first_day
    rows = within(friends.second // SECONDS_A_DAY, since, last_day)
    member = friends.member[rows]
    member_id = np.where(member < 0, "", identities.population.members.source_id[member])
    return pa.table(
        {
            "link_id": ids("K", rows + 1, 8),
            "line_user_id": pa.array(identities.line_user_id(friends.person[rows]), pa.string()),
            "action": words(ACTIONS, friends.action[rows]),
            "occurred_at": instants(friends.second[rows]),
            "member_id": texts(member_id),
        }
    )
