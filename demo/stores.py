"""The chain: physical shops, one online shop, one app, and the people at the registers.

What belongs here: where the shops are, when they are open, how they write their receipts. A store
is an index: physical shops first (`Population.home_store`), then the online shop, then the app.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from demo.calendar import BASE_DAYS, HORIZON_DAYS, TIMEZONE, dates_of
from demo.columns import words
from demo.names import draw_family, draw_given, family_names, given_names
from demo.places import place_of_store, places
from demo.scale import APP_STORE_ID, ONLINE_STORE_ID, Scale
from demo.streams import Draws

CHAIN = "こもれび市場"
CHANNELS = ("store", "ec", "app")
NEVER = HORIZON_DAYS + 1
"""Day of what does not happen within the horizon."""

OPENING_DAY = BASE_DAYS + 80
"""Day on which the stores open that open after the base history: the Sunday before Christmas."""
LATE_CUTOVER_HOUR = 5
_LATE_SHOPS = 4
"""Every fourth shop is open until two in the morning; its business day ends at 05:00."""
_TAX_OUTSIDE = 3
"""Every third shop writes prices without tax on its shelves."""
_OPENS_LATER = 9
"""Of so many shops one opens, and one of twice as many closes, while the data runs."""
_NOTICE_DAYS = 45
"""The master knows of an opening or a closing so many days before."""
_STAFF_A_REGISTER = 3
_STAFF_WHO_LEFT = 6
"""One in so many members of staff does not work there any more."""


@dataclass(frozen=True)
class Stores:
    """Arrays over stores, the online shop and the app last.

    `channel` int8 into CHANNELS; `opened_day`, `closed_day` int16 day indexes, both days of
    business (NEVER: stays open); `cutover_hour` int8; `first_hour`, `last_hour` int8: hours of
    business, the last may lie beyond 24; `tax_included`: prices include tax; `writes_date`: the
    register sends its own business date; `registers` int8; `size`: share of customers it draws.
    """

    store_id: list[str]
    name: list[str]
    prefecture: list[str]
    channel: NDArray[np.int8]
    opened_day: NDArray[np.int16]
    closed_day: NDArray[np.int16]
    cutover_hour: NDArray[np.int8]
    first_hour: NDArray[np.int8]
    last_hour: NDArray[np.int8]
    tax_included: NDArray[np.bool_]
    writes_date: NDArray[np.bool_]
    registers: NDArray[np.int8]
    size: NDArray[np.float64]
    staff_ids: list[str]
    staff_store: NDArray[np.int16]
    staff_active: NDArray[np.bool_]
    staff_names: list[str]

    def __len__(self) -> int:
        return len(self.store_id)

    @property
    def physical(self) -> int:
        """Number of physical shops."""
        return len(self) - 2

    @property
    def online(self) -> int:
        return len(self) - 2

    @property
    def app(self) -> int:
        return len(self) - 1

    def is_open(self, store: NDArray[np.int16], day: NDArray[np.int16]) -> NDArray[np.bool_]:
        """Whether each store does business on the day beside it."""
        return (self.opened_day[store] <= day) & (day <= self.closed_day[store])

    @cached_property
    def first_staff(self) -> NDArray[np.int64]:
        """Index of each shop's first member of staff; the others follow."""
        return np.searchsorted(self.staff_store, np.arange(len(self)))

    @cached_property
    def staff_count(self) -> NDArray[np.int64]:
        return np.bincount(self.staff_store, minlength=len(self))

    @cached_property
    def always_open(self) -> NDArray[np.int16]:
        """Physical shops that are open on every day."""
        shops = np.arange(self.physical, dtype=np.int16)
        return shops[(self.opened_day[:-2] < 0) & (self.closed_day[:-2] == NEVER)]


@cache
def build_stores(seed: int, scale: Scale) -> Stores:
    """The stores of a scale; the seed decides when they opened and who works there."""
    shops = np.arange(scale.stores)
    draws = Draws(seed)
    is_late = shops % _LATE_SHOPS == 1
    registers = np.r_[2 + draws.integers("registers", shops, 3), 1, 1].astype(np.int8)
    staff_store = np.repeat(shops, registers[:-2].astype(np.int64) * _STAFF_A_REGISTER)
    prefectures, names = zip(*_places(scale.stores), strict=True)
    return Stores(
        store_id=[*scale.store_ids, ONLINE_STORE_ID, APP_STORE_ID],
        name=[*names, f"{CHAIN} オンラインショップ", f"{CHAIN} アプリ"],
        prefecture=[*prefectures, "", ""],
        channel=np.r_[np.zeros(scale.stores), 1, 2].astype(np.int8),
        opened_day=_opened_days(draws, shops, scale.openings),
        closed_day=_closed_days(draws, shops),
        cutover_hour=np.r_[is_late * LATE_CUTOVER_HOUR, 0, 0].astype(np.int8),
        first_hour=np.r_[np.where(is_late, 10, 9), 0, 0].astype(np.int8),
        last_hour=np.r_[np.where(is_late, 26, 21), 24, 24].astype(np.int8),
        tax_included=np.r_[shops % _TAX_OUTSIDE != 2, True, True],
        writes_date=np.r_[is_late & (shops % 8 == 1), False, False],
        registers=registers,
        size=np.r_[draws.uniform("size", shops) + 0.5, 0, 0],
        **_staff(draws, staff_store),
    )


def store_rows(stores: Stores, first_day: int, last_day: int) -> pa.Table:
    """Rows of `pos.stores` that are new or changed in these days; the first day brings all."""
    known = np.maximum(stores.opened_day.astype(np.int64) - _NOTICE_DAYS, 0)
    closing = stores.closed_day.astype(np.int64) - _NOTICE_DAYS
    is_new = (known >= first_day) & (known <= last_day)
    is_closing = (closing >= first_day) & (closing <= last_day)
    rows = np.flatnonzero(is_new | is_closing)
    closed = np.where(closing <= last_day, dates_of(stores.closed_day), np.datetime64("NaT", "D"))
    return pa.table(
        {
            "store_id": words(stores.store_id, rows),
            "name": words(stores.name, rows),
            "channel": words(CHANNELS, stores.channel[rows]),
            "timezone": pa.repeat(TIMEZONE, len(rows)),
            "currency": pa.repeat("JPY", len(rows)),
            "day_cutover_hour": pa.array(stores.cutover_hour[rows]),
            "prefecture": words(stores.prefecture, rows),
            "opened_on": pa.array(dates_of(stores.opened_day[rows])),
            "closed_on": pa.array(closed[rows]),
        }
    )


def staff_rows(stores: Stores) -> pa.Table:
    """Rows of `pos.staff`: everybody who ever works at a register."""
    return pa.table(
        {
            "staff_id": pa.array(stores.staff_ids),
            "store_id": words(stores.store_id, stores.staff_store),
            "name": pa.array(stores.staff_names),
            "is_active": pa.array(stores.staff_active),
        }
    )


def _places(count: int) -> list[tuple[str, str]]:
    """Prefecture and name of each shop: one a city first, then others in its other towns."""
    found = []
    for index, place_no in enumerate(place_of_store(np.arange(count))):
        place, round_no = places()[place_no], index // len(places())
        again, town = divmod(round_no, len(place.towns))
        suffix = f" {again + 1}号店" if again else "店"
        found.append((place.prefecture, f"{CHAIN} {place.towns[town]}{suffix}"))
    return found


def _opened_days(draws: Draws, shops: NDArray[np.int64], openings: int) -> NDArray[np.int16]:
    before = -100 - draws.integers("opened", shops, 3_000)
    within = 60 + draws.integers("opened within", shops, BASE_DAYS - 240)
    days = np.where(shops % _OPENS_LATER == _OPENS_LATER - 2, within, before)
    days = np.where(shops >= len(shops) - openings, OPENING_DAY, days)
    return np.r_[days, -2_000, -700].astype(np.int16)


def _closed_days(draws: Draws, shops: NDArray[np.int64]) -> NDArray[np.int16]:
    within = 200 + draws.integers("closed within", shops, BASE_DAYS - 300)
    days = np.where(shops % (2 * _OPENS_LATER) == 5, within, NEVER)
    return np.r_[days, NEVER, NEVER].astype(np.int16)


def _staff(draws: Draws, staff_store: NDArray[np.int64]) -> dict[str, object]:
    ids = np.arange(len(staff_store))
    is_female = draws.chance("staff female", ids, 0.6)
    born = 1962 + draws.integers("staff born", ids, 44)
    family = draw_family(draws, "staff family", ids)
    given = draw_given(draws, "staff given", ids, is_female, born)
    names = family_names().writings[family, 0] + " " + given_names().kanji[given]
    return {
        "staff_ids": [f"T{index + 1:04d}" for index in ids],
        "staff_store": staff_store.astype(np.int16),
        "staff_active": ids % _STAFF_WHO_LEFT != _STAFF_WHO_LEFT - 1,
        "staff_names": list(names),
    }
