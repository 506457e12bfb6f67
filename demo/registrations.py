"""Which records the sources hold of each person, since when, until when.

What belongs here: the existence of cards, online accounts, subscriptions and requesters, and their
ids. What does not: what they say (`demo.records`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.calendar import BASE_DAYS, HORIZON_DAYS
from demo.households import Households
from demo.person_records import (
    ACCOUNT,
    APP,
    BY_EMAIL,
    BY_LINE,
    BY_PHONE,
    CARD,
    NEWSLETTER,
    ONLINE,
    SECOND_CARD,
    PersonRecords,
)
from demo.streams import stream

CARD_SHARE, CHILD_CARD_SHARE, COMPANY_CARD_SHARE = 0.90, 0.70, 0.80
SECOND_CARD_SHARE = 0.075
"""Share of card holders who take a second card some time: 7 % hold one at any time."""
APP_SHARE = 0.15
ACCOUNT_SHARE, CHILD_ACCOUNT_SHARE, COMPANY_ACCOUNT_SHARE = 0.30, 0.08, 0.45
SUBSCRIBES_WITH_ACCOUNT, NEWSLETTER_SHARE = 0.65, 0.12
REQUESTER_SHARE, SECOND_REQUESTER_SHARE = 0.12, 0.20
LINE_REQUESTER_SHARE, PHONE_REQUESTER_SHARE = 0.40, 0.45
"""Of the requesters who use LINE, those known by it; of the others, those known by phone."""
LEAVES_PROGRAMME = 0.03
ID_DIGITS = 7
_JOINS_AT_FIRST_VISIT = 0.65
_DAYS_TO_CARD, _DAYS_TO_ACCOUNT, _DAYS_TO_NEWSLETTER = 70, 200, 250
_DAYS_TO_SECOND_CARD = (15, 240)


@dataclass(frozen=True)
class Registrations:
    """The records of all three sources."""

    members: PersonRecords
    subscribers: PersonRecords
    requesters: PersonRecords


def register(
    seed: int,
    households: Households,
    first_day: NDArray[np.int16],
    is_staff: NDArray[np.bool_],
    has_line: NDArray[np.bool_],
) -> Registrations:
    """Records of the people that the arrays describe; staff always hold a card."""
    draw = _Drawing(stream(seed, "registrations"), households, first_day)
    return Registrations(*draw.members_and_subscribers(is_staff), draw.requesters(has_line))


@dataclass(frozen=True)
class _Drawing:
    rng: np.random.Generator
    households: Households
    first_day: NDArray[np.int16]

    def members_and_subscribers(
        self, is_staff: NDArray[np.bool_]
    ) -> tuple[PersonRecords, PersonRecords]:
        n, rng = self.n, self.rng
        at_once = rng.random(n) < _JOINS_AT_FIRST_VISIT
        card_day = self.first_day + np.where(at_once, 0, rng.geometric(1 / _DAYS_TO_CARD, n))
        card = self.has(CARD_SHARE, CHILD_CARD_SHARE, COMPANY_CARD_SHARE) | is_staff
        card_kind = np.where(rng.random(n) < APP_SHARE, APP, CARD)
        second = card & (rng.random(n) < SECOND_CARD_SHARE)
        second_day = card_day + rng.integers(*_DAYS_TO_SECOND_CARD, n)
        account = self.has(ACCOUNT_SHARE, CHILD_ACCOUNT_SHARE, COMPANY_ACCOUNT_SHARE)
        account_day = self.first_day + rng.geometric(1 / _DAYS_TO_ACCOUNT, n) - 1
        subscribes = account & (rng.random(n) < SUBSCRIBES_WITH_ACCOUNT)
        newsletter = self.has(NEWSLETTER_SHARE, 0.0, NEWSLETTER_SHARE)
        newsletter_day = self.first_day + rng.geometric(1 / _DAYS_TO_NEWSLETTER, n) - 1
        members = [
            (card, card_kind, card_day),
            (second, SECOND_CARD, second_day),
            (account, ONLINE, account_day),
        ]
        subscribers = [
            (subscribes, ACCOUNT, account_day),
            (newsletter, NEWSLETTER, newsletter_day),
        ]
        return (
            self.records(members, "M", LEAVES_PROGRAMME, {ONLINE: "E"}),
            self.records(subscribers, "L"),
        )

    def requesters(self, has_line: NDArray[np.bool_]) -> PersonRecords:
        """Those of the help desk, which starts with the data; two of one person differ in kind."""
        n, rng = self.n, self.rng
        asks = self.has(REQUESTER_SHARE, 0.0, REQUESTER_SHARE)
        again = asks & (rng.random(n) < SECOND_REQUESTER_SHARE)
        start = np.maximum(self.first_day, 0)
        day = start + (rng.random(n) * (HORIZON_DAYS - start)).astype(np.int64)
        by_line = has_line & (rng.random(n) < LINE_REQUESTER_SHARE)
        by_phone = rng.random(n) < PHONE_REQUESTER_SHARE
        other = np.where(by_phone, BY_PHONE, BY_EMAIL)
        kind = np.where(by_line, BY_LINE, other)
        next_kind = np.where(by_line, other, np.where(by_phone, BY_EMAIL, BY_PHONE))
        next_day = day + rng.integers(1, 200, n)
        return self.records([(asks, kind, day), (again, next_kind, next_day)], "R")

    @property
    def n(self) -> int:
        return len(self.first_day)

    def has(self, adult: float, child: float, company: float) -> NDArray[np.bool_]:
        """A draw for each person: the share depends on what the person is."""
        private = np.where(self.households.is_child, child, adult)
        return self.rng.random(self.n) < np.where(self.households.is_company, company, private)

    def records(
        self,
        parts: list[tuple[NDArray[np.bool_], NDArray[np.int64] | int, NDArray[np.int64]]],
        prefix: str,
        leaving_share: float = 0.0,
        prefixes: dict[int, str] | None = None,
    ) -> PersonRecords:
        """Records of (who has one, kind, day), numbered in the order of creation, those of the
        horizon too; what comes after it is left out. `prefixes`: of kinds with their own letter."""
        person = np.concatenate([np.flatnonzero(has) for has, _, _ in parts])
        kind = np.concatenate([np.broadcast_to(kinds, self.n)[has] for has, kinds, _ in parts])
        day = np.concatenate([days[has] for has, _, days in parts])
        left = _leaving_days(self.rng, day, leaving_share)
        shuffled = self.rng.permutation(len(person))
        order = shuffled[np.argsort(day[shuffled], kind="stable")]
        order = order[day[order] < HORIZON_DAYS]
        letters = np.full(len(order), prefix)
        for of, letter in (prefixes or {}).items():
            letters[kind[order] == of] = letter
        numbers = np.char.zfill((np.arange(len(order)) + 1).astype(str), ID_DIGITS)
        return PersonRecords(
            source_id=np.char.add(letters, numbers),
            person=person[order].astype(np.int32),
            kind=kind[order].astype(np.int8),
            created_day=day[order].astype(np.int16),
            left_day=left[order].astype(np.int16),
        )


def _leaving_days(
    rng: np.random.Generator, created: NDArray[np.int64], share: float
) -> NDArray[np.int64]:
    """The share leaves within the base history's length, some day after the record was made and
    after the data starts; -1 for the others."""
    after = np.maximum(created, 0) + 30 + rng.integers(0, BASE_DAYS, len(created))
    leaves = (rng.random(len(created)) < share) & (after < HORIZON_DAYS)
    return np.where(leaves, after, -1)
