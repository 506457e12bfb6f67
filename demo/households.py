"""Who lives with whom: households of customers, and companies with their contacts.

People are numbered household by household, the oldest adult first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.calendar import BASE_DAYS, dates_of
from demo.streams import stream

HEAD, SPOUSE, CHILD, OTHER_ADULT = range(4)
"""Roles in a household; the contacts of a company are heads of themselves."""
ADULT_AGE = 18
COMPANY_SHARE = 0.02
"""Share of the people who are contacts of a company."""
_CONTACTS_PER_COMPANY = 3
_SIZES, _SIZE_WEIGHTS = (1, 2, 3, 4, 5), (0.44, 0.27, 0.15, 0.11, 0.03)
_ROLES_AFTER_HEAD = {1: (0.76, 0.12, 0.12), 2: (0.04, 0.52, 0.44)}
"""Weights of SPOUSE, CHILD, OTHER_ADULT for the second person, and for those after."""
_HEAD_AGES = (20, 82)
_OLDEST = 95
_YEAR = 365.25


@dataclass(frozen=True)
class Households:
    """Arrays over people. `first` is the index of the first person of the person's household."""

    household: NDArray[np.int32]
    first: NDArray[np.int32]
    role: NDArray[np.int8]
    is_company: NDArray[np.bool_]
    is_female: NDArray[np.bool_]
    birth_day: NDArray[np.datetime64]

    @property
    def is_child(self) -> NDArray[np.bool_]:
        return self.role == CHILD


def build_households(seed: int, n: int) -> Households:
    """Households for exactly `n` people."""
    rng = stream(seed, "households")
    household, first, is_company = _groups(rng, n)
    position = np.arange(n) - first
    role = np.where(position == 0, HEAD, 0).astype(np.int8)
    for depth, weights in _ROLES_AFTER_HEAD.items():
        chosen = (position == 1) if depth == 1 else (position >= 2)
        role[chosen] = rng.choice((SPOUSE, CHILD, OTHER_ADULT), chosen.sum(), p=weights)
    role[(role == SPOUSE) & (position >= 2)] = OTHER_ADULT
    role[is_company] = HEAD
    is_female = _genders(rng, role, first, is_company)
    age = _ages(rng, role, first)
    birth = dates_of(BASE_DAYS - 1) - np.round(age * _YEAR).astype("timedelta64[D]")
    return Households(
        household.astype(np.int32), first.astype(np.int32), role, is_company, is_female, birth
    )


def _groups(
    rng: np.random.Generator, n: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Household, first person of it, and whether it is a company, for each person."""
    in_companies = round(n * COMPANY_SHARE)
    private = rng.choice(_SIZES, n, p=_SIZE_WEIGHTS)
    private = private[: np.searchsorted(np.cumsum(private), n - in_companies) + 1]
    companies = 1 + rng.poisson(_CONTACTS_PER_COMPANY - 1, in_companies)
    companies = companies[: np.searchsorted(np.cumsum(companies), in_companies) + 1]
    private[-1] -= private.sum() - (n - in_companies)
    companies[-1] -= companies.sum() - in_companies
    sizes = np.concatenate([private, companies])
    is_company = np.arange(len(sizes)) >= len(private)
    # Companies stand among the households, not behind them.
    order = rng.permutation(len(sizes))
    sizes, is_company = sizes[order], is_company[order]
    starts = np.cumsum(sizes) - sizes
    return (
        np.repeat(np.arange(len(sizes)), sizes),
        np.repeat(starts, sizes),
        np.repeat(is_company, sizes),
    )


def _genders(
    rng: np.random.Generator,
    role: NDArray[np.int8],
    first: NDArray[np.int64],
    is_company: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Two shoppers in three are women; a spouse is of the other gender than the head."""
    is_female = rng.random(len(role)) < np.where(is_company, 0.4, 0.62)
    spouse = role == SPOUSE
    is_female[spouse] = ~is_female[first[spouse]]
    return is_female


def _ages(
    rng: np.random.Generator, role: NDArray[np.int8], first: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Ages in years on the last day of the base history, by role."""
    n = len(role)
    low, high = _HEAD_AGES
    age = low + (high - low) * rng.beta(1.7, 1.9, n)
    head = age[first]
    parent = np.clip(head, 28, 58)
    spouse = np.clip(head + rng.normal(-1.0, 3.5, n), low, _OLDEST)
    child = np.clip(rng.uniform(8, ADULT_AGE, n), 8, parent - 18)
    # Half of the other adults are grown children, half are parents of the head.
    grown = np.where(head > 46, head - rng.uniform(22, 34, n), head + rng.uniform(22, 34, n))
    grown = np.clip(grown, ADULT_AGE + 0.5, _OLDEST)
    return np.choose(role, [age, spouse, child, grown])
