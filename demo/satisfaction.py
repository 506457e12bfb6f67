"""How content people are, and the ratings that they give to tickets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.columns import SECONDS_A_DAY
from demo.population import Population
from demo.streams import stream
from demo.ticket_entries import awake
from demo.ticket_log import NEVER, TicketLog
from demo.ticket_texts import COMPLAINT, PRAISE
from demo.tickets import PHONE, STORE, Tickets

_OFFERED, _OFFERED_AFTER_TALK, _RATED = 0.85, 0.3, 0.3
_MEAN, _OF_MOOD, _NOISE = 4.1, 0.5, 0.8
_OF_COMPLAINT, _OF_PRAISE, _OF_REOPENING, _OF_TENFOLD_WAIT = -0.9, 0.6, -0.8, -0.45
_USUAL_WAIT = 3_600
_DAYS_TO_RATE = 1.0
GOOD_COMMENTS = ("早い対応で助かりました。", "丁寧に教えていただきました。", "満足です。")
BAD_COMMENTS = ("返事が遅すぎます。", "解決していません。", "たらい回しにされました。")
COMMENTS = (*GOOD_COMMENTS, *BAD_COMMENTS)
_COMMENTS_ON = 0.35


@dataclass(frozen=True)
class Ratings:
    """One row a rating offered, by the instant of the offer: `ticket`, `offered` and `rated` in
    seconds since day 0 (NEVER), `score` 1 to 5, `comment` into COMMENTS, -1 for none."""

    ticket: NDArray[np.int64]
    offered: NDArray[np.int64]
    rated: NDArray[np.int64]
    score: NDArray[np.int8]
    comment: NDArray[np.int8]


def moods(population: Population) -> NDArray[np.float64]:
    """How content each person is with the retailer on the whole: a standard normal number."""
    return stream(population.seed, "moods").standard_normal(population.n)


def build_ratings(population: Population, tickets: Tickets, log: TicketLog) -> Ratings:
    """Ratings of all tickets: offered when a ticket is first solved, given by some.

    Complaints, reopened tickets and those that waited long are rated worse.
    """
    rng, n = stream(population.seed, "ratings"), len(tickets)
    spoken = np.isin(tickets.channel, (PHONE, STORE))
    share = np.where(spoken, _OFFERED_AFTER_TALK, _OFFERED)
    is_offered = (log.solved < NEVER) & (rng.random(n) < share)
    person = population.requesters.person[tickets.requester]
    score = (
        _MEAN
        + _OF_MOOD * moods(population)[person]
        + _OF_COMPLAINT * (tickets.type == COMPLAINT)
        + _OF_PRAISE * (tickets.type == PRAISE)
        + _OF_REOPENING * log.reopened
        + _OF_TENFOLD_WAIT * np.log10(np.maximum(log.waited, 60) / _USUAL_WAIT)
        + _NOISE * rng.standard_normal(n)
    )
    score = np.clip(np.rint(score), 1, 5)
    offered = np.where(is_offered, log.solved, 0) + 60
    wait = 120 + rng.exponential(_DAYS_TO_RATE, n) * SECONDS_A_DAY
    rated = np.where(rng.random(n) < _RATED, awake(offered + wait.astype(np.int64)), NEVER)
    group = np.where(score >= 4, 0, len(GOOD_COMMENTS)) + rng.integers(0, len(BAD_COMMENTS), n)
    comment = np.where(rng.random(n) < _COMMENTS_ON, group, -1)
    rows = np.flatnonzero(is_offered)
    rows = rows[np.lexsort((rows, offered[rows]))]
    return Ratings(
        rows,
        offered[rows],
        rated[rows],
        score[rows].astype(np.int8),
        comment[rows].astype(np.int8),
    )
