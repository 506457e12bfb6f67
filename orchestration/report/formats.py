"""How a report writes durations and instants, and columns of text in a terminal.

Numbers, changes and dates are written as the charts write them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from charts.formats import NONE, change_of, count, day, period, relative, step_of, value_of
from words import both

__all__ = [
    "NONE",
    "change_of",
    "columns",
    "count",
    "day",
    "instant",
    "period",
    "relative",
    "seconds",
    "step_of",
    "trend",
    "value_of",
    "width",
]


def seconds(value: float | None) -> str:
    """A duration in the largest units that say something."""
    if value is None:
        return NONE
    if value < 120:
        return both("{n} s", n=f"{value:.1f}" if value < 10 else f"{value:.0f}")
    minutes, rest = divmod(round(value), 60)
    if minutes < 120:
        return both("{m} min {s} s", m=minutes, s=rest)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return both("{h} h {m} min", h=hours, m=minutes)
    return both("{d} days", d=hours // 24)


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
