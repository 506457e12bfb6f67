"""How a report writes numbers, changes, durations and dates; and columns of text in a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

Number = int | float | Decimal | Fraction
_SIGNS = {"JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}
_WHOLE = ("JPY", "KRW", "VND")
"""Currencies that are written without a minor unit."""
NONE = "–"


def count(value: Number | None) -> str:
    """A whole number with separators."""
    return NONE if value is None else f"{int(value):,}"


def value_of(value: Number | None, unit: str, currency: str) -> str:
    """A KPI's value in its unit: amount, count or share."""
    if value is None:
        return NONE
    if unit == "amount":
        return _amount(float(value), currency)
    return f"{float(value) * 100:.1f} %" if unit == "share" else count(round(value))


def change_of(change: Number | None, unit: str, currency: str) -> str:
    """A signed difference in a KPI's unit; of a share in percentage points."""
    if change is None:
        return NONE
    number = float(change)
    sign = "+" if number > 0 else "−" if number < 0 else "±"
    size = abs(number)
    if unit == "amount":
        return sign + _amount(size, currency)
    return f"{sign}{size * 100:.2f} pt" if unit == "share" else f"{sign}{count(round(size))}"


def step_of(unit: str, currency: str) -> Fraction:
    """The smallest difference that `change_of` writes."""
    if unit == "amount":
        return Fraction(1) if currency in _WHOLE else Fraction(1, 100)
    return Fraction(1, 10_000) if unit == "share" else Fraction(1)


def relative(change: Fraction | None, base: Fraction | None) -> str:
    """A change in per cent of what it changed from; empty where that says nothing."""
    if change is None or not base or abs(change) > 10 * abs(base):
        return ""
    return f"{float(change / abs(base)) * 100:+.1f} %".replace("-", "−")


def seconds(value: float | None) -> str:
    """A duration in the largest units that say something."""
    if value is None:
        return NONE
    if value < 10:
        return f"{value:.1f} s"
    if value < 120:
        return f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 120:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} days"


def day(value: date | None) -> str:
    """A date with its weekday."""
    return NONE if value is None else f"{value:%Y-%m-%d %a}"


def instant(value: datetime | None) -> str:
    """An instant, which is stored in UTC."""
    return NONE if value is None else f"{value:%Y-%m-%d %H:%M} UTC"


def trend(values: Sequence[float | None]) -> str:
    """A line through values as an SVG path, 100 wide and 30 high; broken where there is none."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, span = min(known), max(known) - min(known)
    path, is_drawing = [], False
    for i, value in enumerate(values):
        if value is not None:
            x = 100 * i / (len(values) - 1)
            y = 28 - 26 * (value - low) / span if span else 15
            path.append(f"{'L' if is_drawing else 'M'}{x:.1f} {y:.1f}")
        is_drawing = value is not None
    return " ".join(path)


def columns(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Rows as aligned lines; `right` are the columns that end together.

    Wide characters, such as those of Japanese names, count twice, as terminals show them.
    """
    if not rows:
        return []
    widths = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = []
        for i, cell in enumerate(row):
            gap = " " * (widths[i] - width(cell))
            cells.append(gap + cell if i in right else cell + gap)
        lines.append("  ".join(cells).rstrip())
    return lines


def width(text: str) -> int:
    """Columns that a text takes in a terminal."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _amount(value: float, currency: str) -> str:
    digits = 0 if currency in _WHOLE else 2
    sign = "−" if round(value, digits) < 0 else ""
    number = f"{abs(value):,.{digits}f}"
    return (
        f"{sign}{_SIGNS[currency]}{number}" if currency in _SIGNS else f"{sign}{number} {currency}"
    )
