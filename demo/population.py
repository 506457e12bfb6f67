"""Everybody in the truth, and their records in the three sources: who, when, not yet what.

What a record says (names, numbers, addresses) is made in `demo.records`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from demo.calendar import BASE_DAYS, HORIZON_DAYS
from demo.households import HEAD, Households, build_households
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
from demo.registrations import register
from demo.scale import Scale
from demo.segments import CHILD, COMPANY, SEGMENTS
from demo.streams import stream

SHOWS_CARD = 0.86
"""Share of a card holder's purchases in a shop where the card is shown."""
USES_SECOND_CARD = 0.4
JOINING_SHARE = 0.45
"""Share of the scale's people who come during the base history."""
DAYS_BEFORE = 900
"""Customers of before the data starts came within that many days before."""
LINE_SHARE = 0.45
"""Share of the people who use LINE."""
STAFF_CARDS_PER_STORE = 6
STORE_RANK_EXPONENT = 0.5
SHOPS_ELSEWHERE = 0.06
__all__ = [
    "ACCOUNT",
    "APP",
    "BY_EMAIL",
    "BY_LINE",
    "BY_PHONE",
    "CARD",
    "NEWSLETTER",
    "ONLINE",
    "SECOND_CARD",
    "PersonRecords",
    "Population",
    "build_population",
]


@dataclass(frozen=True)
class Population:
    """Arrays over people; the index is the person. Those who join in the horizon are included.

    `household` int32 (a company is a household of its contacts), `head` int32 (the person who
    stands for the household), `segment` int8 into `demo.segments.SEGMENTS`, `birth_day`
    datetime64[D], `home_store` int16 (index of a physical store), `first_day` int16 (day of the
    first purchase at the earliest; < 0: a customer before the data starts), `has_line`: uses LINE.
    Subscribers never have a `left_day`: how subscriptions end follows from the campaign plan.
    """

    seed: int
    scale: Scale
    n: int
    household: NDArray[np.int32]
    head: NDArray[np.int32]
    segment: NDArray[np.int8]
    birth_day: NDArray[np.datetime64]
    is_female: NDArray[np.bool_]
    is_child: NDArray[np.bool_]
    is_company: NDArray[np.bool_]
    is_staff: NDArray[np.bool_]
    home_store: NDArray[np.int16]
    first_day: NDArray[np.int16]
    has_line: NDArray[np.bool_]
    members: PersonRecords
    subscribers: PersonRecords
    requesters: PersonRecords

    @cached_property
    def card_of(self) -> NDArray[np.int32]:
        """Index of each person's first card in `members`, -1 for none."""
        return self._member_of(CARD, APP)

    @cached_property
    def second_card_of(self) -> NDArray[np.int32]:
        """Index of each person's second card in `members`, -1 for none."""
        return self._member_of(SECOND_CARD)

    @cached_property
    def account_of(self) -> NDArray[np.int32]:
        """Index of each person's online account in `members`, -1 for none."""
        return self._member_of(ONLINE)

    def choose_member_record(
        self,
        persons: NDArray[np.int32],
        days: NDArray[np.int16],
        is_online: NDArray[np.bool_],
        rng: np.random.Generator,
    ) -> NDArray[np.int32]:
        """The member record that a purchase carries: an index into `members`, or -1 for a guest.

        Online it is the account, in a shop a card, mostly the first one and not always shown;
        records not yet made or already left are never used. Draws two numbers a purchase.
        """
        shown = rng.random(len(persons)) < SHOWS_CARD
        second = self._usable(self.second_card_of[persons], days)
        takes_second = (second >= 0) & (rng.random(len(persons)) < USES_SECOND_CARD)
        card = np.where(takes_second, second, self._usable(self.card_of[persons], days))
        card = np.where(shown, card, -1)
        account = self._usable(self.account_of[persons], days)
        return np.where(is_online, account, card).astype(np.int32)

    def _usable(self, index: NDArray[np.int32], days: NDArray[np.int16]) -> NDArray[np.int32]:
        created, left = self.members.created_day[index], self.members.left_day[index]
        usable = (index >= 0) & (created <= days) & ((left < 0) | (left > days))
        return np.where(usable, index, -1)

    def _member_of(self, *kinds: int) -> NDArray[np.int32]:
        found = np.full(self.n, -1, dtype=np.int32)
        index = np.flatnonzero(np.isin(self.members.kind, kinds))
        found[self.members.person[index]] = index
        return found


def build_population(seed: int, scale: Scale) -> Population:
    """Everybody of a seed and a scale, with their records."""
    rng = stream(seed, "population")
    joining = scale.people * JOINING_SHARE / BASE_DAYS
    n = scale.people + round(joining * (HORIZON_DAYS - BASE_DAYS))
    households = build_households(seed, n)
    first_day = _first_days(rng, n, scale.people)
    is_staff = _staff(rng, households, first_day, scale.stores)
    has_line = rng.random(n) < LINE_SHARE
    records = register(seed, households, first_day, is_staff, has_line)
    return Population(
        seed=seed,
        scale=scale,
        n=n,
        household=households.household,
        head=households.first,
        segment=_segments(rng, households),
        birth_day=households.birth_day,
        is_female=households.is_female,
        is_child=households.is_child,
        is_company=households.is_company,
        is_staff=is_staff,
        home_store=_home_stores(rng, households, scale.stores),
        first_day=first_day,
        has_line=has_line,
        members=records.members,
        subscribers=records.subscribers,
        requesters=records.requesters,
    )


def _first_days(rng: np.random.Generator, n: int, in_base: int) -> NDArray[np.int16]:
    """Exactly `in_base` people come before the base history ends, at a steady pace since it
    started; the others in the horizon."""
    before = round(in_base * (1 - JOINING_SHARE))
    days = np.concatenate(
        [
            rng.integers(-DAYS_BEFORE, 0, before),
            rng.integers(0, BASE_DAYS, in_base - before),
            rng.integers(BASE_DAYS, HORIZON_DAYS, n - in_base),
        ]
    )
    return rng.permutation(days).astype(np.int16)


def _segments(rng: np.random.Generator, households: Households) -> NDArray[np.int8]:
    shares = [segment.share for segment in SEGMENTS]
    segment = rng.choice(len(SEGMENTS), len(households.role), p=shares)
    segment[households.is_child] = CHILD
    segment[households.is_company] = COMPANY
    return segment.astype(np.int8)


def _home_stores(
    rng: np.random.Generator, households: Households, stores: int
) -> NDArray[np.int16]:
    """A store for each household; the first ones are the busiest. Some people shop elsewhere."""
    weights = np.arange(1, stores + 1) ** -STORE_RANK_EXPONENT
    weights /= weights.sum()
    n = len(households.role)
    store = rng.choice(stores, n, p=weights)[households.first]
    elsewhere = rng.random(n) < SHOPS_ELSEWHERE
    return np.where(elsewhere, rng.choice(stores, n, p=weights), store).astype(np.int16)


def _staff(
    rng: np.random.Generator, households: Households, first_day: NDArray[np.int16], stores: int
) -> NDArray[np.bool_]:
    """Staff who hold a card: heads of households who were customers before the data starts."""
    able = np.flatnonzero((households.role == HEAD) & ~households.is_company & (first_day < 0))
    is_staff = np.zeros(len(households.role), dtype=np.bool_)
    is_staff[rng.choice(able, stores * STAFF_CARDS_PER_STORE, replace=False)] = True
    return is_staff
