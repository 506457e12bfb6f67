"""What a page is made with: a version, a language, and how values are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from charts import formats
from charts.figure import CURRENCY
from dashboard.data import Row, Value, Version
from dashboard.labels import label
from words import Words


@dataclass(frozen=True)
class View:
    """One version in one language; pages are drawn from nothing else."""

    version: Version
    words: Words

    def rows(self, query: str, **values: Value) -> list[Row]:
        """Rows of a query; see `Version.rows`."""
        return self.version.rows(query, **values)

    def row(self, query: str, **values: Value) -> Row:
        """The first row of a query; empty where there is none."""
        return self.version.row(query, **values)

    @cached_property
    def _company(self) -> Row:
        """Currency and time zone of most stores: what amounts and instants are written in."""
        return self.row(f"select {CURRENCY}, mode(timezone) as zone from marts.dim_store")

    @property
    def currency(self) -> str:
        return self._company["currency"]

    @property
    def zone(self) -> str:
        return self._company["zone"] or "UTC"

    def text(self, value: Any, kind: str = "text") -> str:
        """A value as people read it; `kind` is one of `KINDS`, the unit of what it measures."""
        if value is None or value == "":
            return formats.NONE
        return KINDS[kind](self, value)

    def label(self, code: str | None) -> str:
        """What a code of the marts means in this language; the code itself where it is a name."""
        return formats.NONE if code is None else label(code, self.words)


def _unit(unit: str) -> Callable[[View, Any], str]:
    """How the charts write a unit, so that a page and its chart agree."""

    def written(view: View, value: Any) -> str:
        return str(view.words.of(formats.value_of(value, unit, view.currency)))

    return written


def _instant(view: View, value: datetime) -> str:
    local = value.replace(tzinfo=UTC).astimezone(ZoneInfo(view.zone))
    return f"{local:%Y-%m-%d %H:%M}"


def _minutes(view: View, value: float) -> str:
    """Minutes below two hours, hours below two days, else days."""
    minutes = float(value)
    if minutes < 120:
        return _unit("minutes")(view, minutes)
    if minutes < 2 * 24 * 60:
        return view.words("{n} h", n=f"{minutes / 60:.1f}")
    return view.words("{n} days", n=f"{minutes / 60 / 24:,.1f}")


def _day(view: View, value: date) -> str:
    return f"{value:%Y-%m-%d}"


def _code(prefix: str = "") -> Callable[[View, Any], str]:
    """What a code is called; with a prefix where it means something else elsewhere."""
    return lambda view, value: view.label(prefix + str(value))


KINDS: dict[str, Callable[[View, Any], str]] = {
    "text": lambda view, value: str(value),
    "prose": lambda view, value: str(value),
    "written": lambda view, value: str(value),
    "code": _code(),
    "source": _code("source."),
    "direction": _code("direction."),
    "receipt": _code("receipt."),
    "status": _code("status."),
    "step": _code("step."),
    "count": _unit("count"),
    "amount": _unit("amount"),
    "share": _unit("share"),
    "points": _unit("points"),
    "per_thousand": _unit("per_thousand"),
    "minutes": _minutes,
    "number": lambda view, value: f"{float(value):,.2f}".replace("-", "−"),
    "days": lambda view, value: view.words("{n} days", n=formats.count(round(value))),
    "date": _day,
    "month": lambda view, value: formats.month(value),
    "instant": _instant,
    "period": lambda view, value: formats.period(*value),
    "yes": lambda view, value: view.words("yes") if value else view.words("no"),
}
"""How each kind of value is written; `written` is a number that is text already."""
NUMBERS = {
    "count",
    "amount",
    "share",
    "number",
    "points",
    "per_thousand",
    "minutes",
    "days",
    "written",
}
"""Kinds that stand on the right of a column."""
WHOLE = {
    "code",
    "source",
    "direction",
    "receipt",
    "status",
    "step",
    "date",
    "month",
    "instant",
    "period",
    "yes",
}
"""Kinds whose text stays on one line."""
