"""Where people live and stores stand: cities, their area codes, post codes and towns.

Towns and cities are real names, house numbers are drawn. A store stands at the place of its index,
and its customers live there.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from demo.names import DATA

LANDLINE_DIGITS = 10
LANDLINE_LEADS = "23578"
"""First digits of a local number that are in use in every area code of the list."""


@dataclass(frozen=True)
class Place:
    """A city or ward: names, area code (市外局番), first three digits of its post codes, towns."""

    prefecture: str
    city: str
    area_code: str
    postal: str
    towns: tuple[str, ...]


@cache
def places() -> tuple[Place, ...]:
    """Every place, in the order in which stores were opened."""
    with (DATA / "places.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Place(**(row | {"towns": tuple(row["towns"].split())})) for row in csv.DictReader(file)
        )


@cache
def area_codes() -> tuple[str, ...]:
    """Every area code, the longest first: 045 and 0466 come before 04."""
    return tuple(sorted({place.area_code for place in places()}, key=len, reverse=True))


def place_of_store(store: ArrayLike) -> NDArray[np.int64]:
    """Index into `places()` of the places of stores, by store index."""
    return np.asarray(store, dtype=np.int64) % len(places())


def store_phone(store: int) -> str:
    """The shop's own phone number: a valid one, so nothing but its frequency gives it away."""
    code = places()[int(place_of_store(store))].area_code
    return landline(code, 7_130_593 * (store + 3))


def landline(area_code: str, number: int) -> str:
    """A valid landline of an area code, ten digits; different numbers below five times the power
    of ten that fits give different landlines."""
    digits = LANDLINE_DIGITS - len(area_code) - 1
    lead, local = divmod(number % (len(LANDLINE_LEADS) * 10**digits), 10**digits)
    return f"{area_code}{LANDLINE_LEADS[lead]}{local:0{digits}d}"
