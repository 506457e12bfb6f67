"""How charts, tables and reports write numbers and dates: amounts, counts, shares, changes."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from words import Text

Number = int | float | Decimal | Fraction
_SIGNS = {"JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}
_WHOLE = ("JPY", "KRW", "VND")
"""Currencies that are written without a minor unit."""
NONE = "–"
_WEEKDAYS = "月火水木金土日"


def count(value: Number | None) -> str:
    """A whole number with separators; others are rounded."""
    return NONE if value is None else f"{round(value):,}".replace("-", "−")


def value_of(value: Number | None, unit: str, currency: str) -> str:
    """A value in its unit: amount, count, share, per_thousand, minutes or points."""
    if value is None:
        return NONE
    number = float(value)
    if unit == "amount":
        return _amount(number, currency)
    if unit == "share":
        return _signed(f"{number * 100:.1f} %")
    if unit == "per_thousand":
        return f"{number:.1f} ‰"
    if unit == "minutes":
        return Text(f"{number:,.0f} min", f"{number:,.0f}分")
    if unit == "points":
        return _signed(f"{number:+.1f}")
    return _signed(f"{number:,.1f}") if abs(number) < 100 and number % 1 else count(value)


def change_of(change: Number | None, unit: str, currency: str) -> str:
    """A signed difference in a KPI's unit; of a share in percentage points."""
    if change is None:
        return NONE
    number = float(change)
    sign = "+" if number > 0 else "−" if number < 0 else "±"
    size = abs(number)
    if unit == "amount":
        return sign + _amount(size, currency)
    return f"{sign}{size * 100:.2f} pt" if unit == "share" else f"{sign}{count(size)}"


def step_of(unit: str, currency: str) -> Fraction:
    """The smallest difference that `change_of` writes."""
    if unit == "amount":
        return Fraction(1) if currency in _WHOLE else Fraction(1, 100)
    return Fraction(1, 10_000) if unit == "share" else Fraction(1)


def relative(change: Fraction | None, base: Fraction | None) -> str:
    """A change in per cent of what it changed from; empty where that says nothing."""
    if change is None or not base or abs(change) > 10 * abs(base):
        return ""
    return _signed(f"{float(change / abs(base)) * 100:+.1f} %")


def day(value: date | None) -> str:
    """A date with its weekday."""
    if value is None:
        return NONE
    written = f"{value:%Y-%m-%d}"
    return Text(f"{written} {value:%a}", f"{written}（{_WEEKDAYS[value.weekday()]}）")


def month(value: date | None) -> str:
    """The month of a date."""
    return NONE if value is None else f"{value:%Y-%m}"


def period(start: date, end: date) -> str:
    """Two dates as short as they can be said: a month where it is one, else from and to."""
    if start.day == 1 and start + timedelta(days=monthrange(start.year, start.month)[1] - 1) == end:
        return month(start)
    return f"{start:%Y-%m-%d}–{end:%m-%d}" if start.year == end.year else f"{start}–{end}"


def scale_of(largest: Number, currency: str) -> tuple[int, Text]:
    """What to divide amounts by for an axis, and how that unit is called."""
    ja = {"JPY": "円"}.get(currency, currency)
    if abs(largest) >= 20_000_000:
        return 1_000_000, Text(f"millions of {currency}", f"百万{ja}")
    if abs(largest) >= 20_000:
        return 1_000, Text(f"thousands of {currency}", f"千{ja}")
    return 1, Text(currency, ja)


def axis_of(largest: float, currency: str) -> str:
    """How an axis of amounts up to this size is written, so that no two marks read alike."""
    if abs(largest) >= 10:
        return ",.0f"
    return ",.1f" if abs(largest) >= 1 and currency in _WHOLE else ",.2f"


def _signed(number: str) -> str:
    """A number with a minus sign for a hyphen."""
    return number.replace("-", "−")


def _amount(value: float, currency: str) -> str:
    digits = 0 if currency in _WHOLE else 2
    sign = "−" if round(value, digits) < 0 else ""
    number = f"{abs(value):,.{digits}f}"
    return (
        f"{sign}{_SIGNS[currency]}{number}" if currency in _SIGNS else f"{sign}{number} {currency}"
    )
