"""Columns of the feeds' tables from arrays of numbers: ids, instants, words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

from demo.calendar import dates_of

SECONDS_A_DAY = 86_400
_DAY_ZERO = dates_of(0).astype("datetime64[s]")


def ids(prefix: str, numbers: ArrayLike, width: int) -> pa.Array:
    """Ids such as T000012: the prefix, then the number with leading zeros."""
    digits = pc.utf8_lpad(pa.array(np.asarray(numbers)).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def instants(seconds: ArrayLike, is_null: ArrayLike | None = None) -> pa.Array:
    """Local instants (timestamp[s]) from seconds since the midnight with which day 0 begins."""
    values = _DAY_ZERO + np.asarray(seconds).astype("timedelta64[s]")
    return pa.array(values, mask=None if is_null is None else np.asarray(is_null))


def words(choices: Sequence[str], index: ArrayLike) -> pa.Array:
    """The choice that each index names; NULL for an index < 0 and for an empty choice."""
    index = np.asarray(index)
    is_null = (index < 0) | np.isin(index, [i for i, word in enumerate(choices) if not word])
    taken = pa.array(np.where(is_null, 0, index), mask=is_null)
    return pa.array(choices, pa.string()).take(taken)


def texts(values: Sequence[str] | NDArray[np.str_]) -> pa.Array:
    """Texts as they are; '' is NULL."""
    column = pa.array(values, pa.string())
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def within(days: ArrayLike, first_day: int, last_day: int) -> NDArray[np.int64]:
    """Indexes of the days that lie in a span of days, both ends included."""
    days = np.asarray(days)
    return np.flatnonzero((days >= first_day) & (days <= last_day))
