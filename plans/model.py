"""What a plan file is made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum

_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")


def _integer(text: str) -> int:
    return int(text)


def _decimal(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite() or value != round(value, 6):
        raise ValueError
    return value


def _list(text: str) -> str:
    """Values with | between them, without the spaces around them."""
    return "|".join(part.strip() for part in text.split("|"))


def _date(text: str) -> date:
    """Year, month, day; Excel makes 2026/4/1 of 2026-04-01 when it saves a CSV file."""
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError
    return date(*map(int, found.groups()))


def _time(text: str) -> int:
    """Minutes since midnight; 24:00 is the end of the day."""
    found = _TIME.fullmatch(text)
    if not found:
        raise ValueError
    minutes = int(found[1]) * 60 + int(found[2])
    if minutes != 24 * 60:
        time(int(found[1]), int(found[2]))
    return minutes


class Kind(Enum):
    """Kind of a column: its type in the warehouse, how it is read, and that in words."""

    TEXT = ("varchar", str, "a text")
    LIST = ("varchar", _list, "a text, or several with | between them")
    INTEGER = ("bigint", _integer, "a whole number")
    DECIMAL = ("decimal(18, 6)", _decimal, "a number with at most six decimal places")
    DATE = ("date", _date, "a date such as 2026-04-01")
    TIME = ("bigint", _time, "a time of day such as 09:30")

    def __init__(self, sql_type: str, read: Callable[[str], object], words: str) -> None:
        self.sql_type = sql_type
        self.read = read
        self.words = words


@dataclass(frozen=True)
class PlanColumn:
    """A column of a plan file.

    `required` columns must stand in the header and have a value in every line. `default` replaces
    an empty value. `values` are the words that are allowed. `refers_to` names another plan and its
    column where every value of this one must stand.
    """

    name: str
    kind: Kind
    description: str
    required: bool = False
    default: str = ""
    values: tuple[str, ...] = ()
    refers_to: tuple[str, str] | None = None


Line = dict[str, object]
"""Values by column, and the line's number in the file as `line`."""


@dataclass(frozen=True)
class PlanTable:
    """A plan file, `plans.<name>` in the warehouse; no two lines have equal `key` columns.

    `check` looks at a whole line that is right column by column; it says what is wrong, or
    nothing. `check_all` looks at all lines together: the first one at fault and what is wrong.
    """

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[PlanColumn, ...]
    check: Callable[[Line], str] = lambda line: ""
    check_all: Callable[[Sequence[Line]], tuple[Line, str] | None] = lambda lines: None

    def column(self, name: str) -> PlanColumn:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)
