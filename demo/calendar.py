"""The demo's calendar: days are counted from START, which is day 0."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import ArrayLike, NDArray

START = dt.date(2024, 10, 1)
BASE_DAYS = 730
"""Days of the base history: business dates 2024-10-01 to 2026-09-30."""
HORIZON_DAYS = BASE_DAYS + 400
"""Days that are drawn up front; nights may be added up to there."""
TIMEZONE = "Asia/Tokyo"
_START = np.datetime64(START, "D")

_HOLIDAYS = ("01-02", "01-03", "01-13", "02-11", "02-23", "03-20", "04-29", "05-03", "05-04",
             "05-05", "07-20", "08-11", "09-15", "09-23", "10-13", "11-03", "11-23")  # fmt: skip
"""Japan's holidays by month and day; movable ones at a usual place. The shops open on them."""


def date_of(day: int) -> dt.date:
    """The date of a day index."""
    return START + dt.timedelta(days=int(day))


def day_of(date: dt.date) -> int:
    """The day index of a date."""
    return (date - START).days


def dates_of(days: ArrayLike) -> NDArray[np.datetime64]:
    """Dates (datetime64[D]) of day indexes."""
    return _START + np.asarray(days).astype("timedelta64[D]")


def weekdays_of(days: ArrayLike) -> NDArray[np.int64]:
    """Weekdays of day indexes; Monday is 0."""
    return (np.asarray(days, dtype=np.int64) + START.weekday()) % 7


def is_holiday(days: ArrayLike) -> NDArray[np.bool_]:
    """Whether the days are public holidays."""
    names = np.datetime_as_string(dates_of(days))
    return np.isin([name[5:] for name in np.atleast_1d(names)], _HOLIDAYS).reshape(np.shape(days))


def now(nights: int = 0) -> str:
    """The run's `now` after that many nights: 06:00 on the morning after the last business date."""
    return f"{date_of(BASE_DAYS + nights).isoformat()}T06:00:00+09:00"


def base_periods() -> list[tuple[int, int]]:
    """First and last day (inclusive) of each month of the base history."""
    firsts = [day for day in range(BASE_DAYS) if date_of(day).day == 1]
    lasts = [first - 1 for first in firsts[1:]] + [BASE_DAYS - 1]
    return list(zip(firsts, lasts, strict=True))
