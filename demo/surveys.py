"""The quarterly survey: who is invited, who answers what.

Each wave asks how likely one is to recommend the shop (0 to 10, from which NPS follows) and, half
of the people, how content they are with the staff (1 to 5).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.audiences import pair_ids
from demo.calendar import HORIZON_DAYS, START, day_of
from demo.columns import SECONDS_A_DAY
from demo.in_force import member_in_force
from demo.population import Population
from demo.satisfaction import moods
from demo.streams import Draws
from demo.ticket_entries import awake
from demo.ticket_texts import COMPLAINT
from demo.tickets import Tickets

SURVEY_ID = "NPS"
QUESTIONS = ("recommend", "staff")
RECOMMEND, STAFF = range(2)
WAVE_MONTHS, WAVE_DAY = (3, 6, 9, 12), 10
MEMBERS_INVITED, MOST_INVITED, REQUESTERS_INVITED = 0.1, 8_000, 0.25
RESPONDS, ANSWERS_STAFF = 0.2, 0.5
BY_ADDRESS_ALONE, GIVES_ADDRESS = 0.12, 0.2
"""Of the members' answers: those that name nobody but give an address, and that give it besides."""
RECENT_DAYS = 90
"""Requesters of so many days are invited; a complaint of so many days lowers the score."""
_MEAN, _OF_MOOD, _OF_NOISE, _OF_COMPLAINT = 7.7, 1.5, 1.1, -2.5
_INVITED_AT, _DAYS_TO_ANSWER, _LAST_DAY = 10 * 3_600, 2.5, 13
_COMMENTS_ON = 0.3
COMMENTS = (
    ("友人にも勧めています。", "品ぞろえが好きです。", "店員さんが親切です。"),
    ("普通です。", "駐車場がもう少し広いとよいです。"),
    ("レジの待ち時間が長いです。", "欲しい品がいつもありません。", "対応にがっかりしました。"),
)
"""What promoters, passives and detractors write."""


@dataclass(frozen=True)
class Survey:
    """Invitations and answers of all waves; rows are people invited.

    `wave` into `wave_names`; `invited` seconds since day 0; `requester` or `member` index, the
    other -1; `person`; `answered` seconds, -1 for none; `recommend`, `staff` scores, -1 for none;
    `comment` text, '' for none; `names_nobody`, `gives_address` of the answer.
    """

    wave_names: list[str]
    wave: NDArray[np.int8]
    invited: NDArray[np.int64]
    requester: NDArray[np.int32]
    member: NDArray[np.int32]
    person: NDArray[np.int32]
    answered: NDArray[np.int64]
    recommend: NDArray[np.int8]
    staff: NDArray[np.int8]
    comment: NDArray[np.str_]
    names_nobody: NDArray[np.bool_]
    gives_address: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.wave)


def waves() -> list[tuple[str, int]]:
    """Name and first day of each wave of the horizon."""
    dates = (
        dt.date(year, month, WAVE_DAY)
        for year in range(START.year, START.year + 5)
        for month in WAVE_MONTHS
    )
    days = [(f"{date.year}-Q{(date.month + 2) // 3}", day_of(date)) for date in dates]
    return [(name, day) for name, day in days if 0 <= day < HORIZON_DAYS]


def build_survey(population: Population, tickets: Tickets) -> Survey:
    """All waves of the horizon."""
    names, days = zip(*waves(), strict=True)
    parts = [_invited(population, tickets, number, day) for number, day in enumerate(days)]
    wave = np.repeat(np.arange(len(parts)), [len(requester) for requester, _ in parts])
    requester = np.concatenate([requester for requester, _ in parts])
    member = np.concatenate([member for _, member in parts])
    person = np.where(
        requester >= 0, population.requesters.person[requester], population.members.person[member]
    )
    draws, ids = Draws(population.seed), pair_ids(wave, person) * 2 + (requester >= 0)
    invited = np.array(days)[wave] * SECONDS_A_DAY + _INVITED_AT
    invited += draws.integers("survey invited", ids, 3_600)
    wait = -np.log1p(-draws.uniform("survey delay", ids)) * _DAYS_TO_ANSWER
    answered = awake(invited + 300 + (np.minimum(wait, _LAST_DAY) * SECONDS_A_DAY).astype(np.int64))
    responds = draws.chance("survey responds", ids, RESPONDS)
    recommend = _scores(population, tickets, draws, ids, person, invited)
    staff = np.clip(np.rint(1 + recommend * 0.4 + draws.uniform("survey staff", ids) - 0.5), 1, 5)
    answers_staff = responds & draws.chance("survey answers staff", ids, ANSWERS_STAFF)
    by_member = responds & (member >= 0)
    return Survey(
        wave_names=list(names),
        wave=wave.astype(np.int8),
        invited=invited,
        requester=requester,
        member=member,
        person=person.astype(np.int32),
        answered=np.where(responds, answered, -1),
        recommend=np.where(responds, recommend, -1).astype(np.int8),
        staff=np.where(answers_staff, staff, -1).astype(np.int8),
        comment=_comments(draws, ids, recommend),
        names_nobody=by_member & draws.chance("survey names nobody", ids, BY_ADDRESS_ALONE),
        gives_address=by_member & draws.chance("survey gives address", ids, GIVES_ADDRESS),
    )


def _invited(
    population: Population, tickets: Tickets, wave: int, day: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Requester and member invited in a wave, -1 for the other: members by lot, then some of those
    who wrote to the help desk lately."""
    draws, people = Draws(population.seed), np.arange(population.n)
    member = member_in_force(population, people, day)
    may = (member >= 0) & ~population.is_child
    share = min(MEMBERS_INVITED, MOST_INVITED / max(1, np.count_nonzero(may)))
    may &= draws.chance("survey member", pair_ids(wave, people), share)
    recent = (tickets.day >= day - RECENT_DAYS) & (tickets.day < day)
    wrote = np.unique(tickets.requester[recent])
    wrote = wrote[draws.chance("survey requester", pair_ids(wave, wrote), REQUESTERS_INVITED)]
    requester = np.concatenate([np.full(np.count_nonzero(may), -1), wrote])
    members = np.concatenate([member[may], np.full(len(wrote), -1)])
    return requester.astype(np.int32), members.astype(np.int32)


def _scores(
    population: Population,
    tickets: Tickets,
    draws: Draws,
    ids: NDArray[np.int64],
    person: NDArray[np.int32],
    invited: NDArray[np.int64],
) -> NDArray[np.float64]:
    """0 to 10: mood, chance (a sum of four uniform numbers), and a recent complaint."""
    noise = sum(draws.uniform(f"survey noise {part}", ids) - 0.5 for part in range(4)) * 3**0.5
    score = _MEAN + _OF_MOOD * moods(population)[person] + _OF_NOISE * noise
    complained = _complained_lately(population, tickets, person, invited // SECONDS_A_DAY)
    return np.clip(np.rint(score + _OF_COMPLAINT * complained), 0, 10)


def _complained_lately(
    population: Population,
    tickets: Tickets,
    person: NDArray[np.int32],
    day: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Whether each person complained in the RECENT_DAYS before the day beside it."""
    rows = tickets.type == COMPLAINT
    complainant = population.requesters.person[tickets.requester[rows]].astype(np.int64)
    known = np.sort(complainant * HORIZON_DAYS + tickets.day[rows])
    first = person.astype(np.int64) * HORIZON_DAYS + np.maximum(day - RECENT_DAYS, 0)
    last = person.astype(np.int64) * HORIZON_DAYS + day
    return np.searchsorted(known, last) > np.searchsorted(known, first)


def _comments(
    draws: Draws, ids: NDArray[np.int64], recommend: NDArray[np.float64]
) -> NDArray[np.str_]:
    kind = np.select([recommend >= 9, recommend >= 7], [0, 1], 2)
    chance = draws.uniform("survey comment", ids)
    texts = np.full(len(ids), "", dtype=object)
    for number, sentences in enumerate(COMMENTS):
        writes = (kind == number) & draws.chance("survey writes", ids, _COMMENTS_ON)
        texts[writes] = np.array(sentences, dtype=object)[
            (chance[writes] * len(sentences)).astype(np.int64)
        ]
    return texts
