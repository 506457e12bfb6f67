"""What several charts draw alike: time axes, lists of labelled bars, scales of colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from charts.theme import ACCENT, INK, QUIET

if TYPE_CHECKING:
    import altair as alt

ROW_HEIGHT = 34
"""Pixels of a labelled bar with its label above."""


def data(rows: Iterable[Mapping[str, Any]], *keys: str) -> alt.Data:
    """These columns of the rows as Vega takes them; a date is local midnight wherever it is read.

    Without keys, all columns.
    """
    import altair as alt

    return alt.Data(
        values=[{key: plain(row[key]) for key in keys or row} for row in rows]  # type: ignore[arg-type]
    )


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Decimal):
        return float(value)
    return f"{value}T00:00:00" if isinstance(value, date) else value


def chart(rows: Iterable[Mapping[str, Any]], *keys: str) -> alt.Chart:
    """A chart of these columns of the rows."""
    import altair as alt

    return alt.Chart(data(rows, *keys))


def days(key: str, spelling: str = "%m-%d", months: int = 1) -> alt.X:
    """An axis of dates with a mark every so many months."""
    import altair as alt

    ticks = alt.TimeIntervalStep(interval="month", step=months)
    axis = alt.Axis(format=spelling, tickCount=ticks, labelOverlap=True)
    return alt.X(f"{key}:T", title=None, axis=axis)


def amounts(key: str, spelling: str = ",.0f", *, from_zero: bool = True) -> alt.Y:
    """An axis of numbers; the chart's title says their unit."""
    import altair as alt

    return alt.Y(
        f"{key}:Q",
        title=None,
        axis=alt.Axis(
            format=spelling,
            tickCount=5,
            tickMinStep=1 if spelling.endswith("0f") else alt.Undefined,
            ticks=False,
            domain=False,
        ),
        scale=alt.Scale(zero=from_zero, nice=True),
    )


def colours(key: str, names: Sequence[str], values: Sequence[str]) -> alt.Color:
    """A colour a name, in this order; the legend shows them."""
    import altair as alt

    scale = alt.Scale(domain=list(names), range=list(values))
    return alt.Color(f"{key}:N", scale=scale, sort=list(names))


def hollow() -> Any:
    """Fill of points: none where the column `done` says that the month is not over."""
    import altair as alt

    return alt.condition("datum.done", alt.value(ACCENT), alt.value("transparent"))


def text(base: alt.Chart, key: str, **mark: Any) -> alt.Chart:
    """Text of a column in the page's ink."""
    return base.mark_text(**({"color": INK, "fontSize": 11} | mark)).encode(text=f"{key}:N")


def rows_of(base: alt.Chart) -> alt.Chart:
    """Rows one beneath the other in the order of their column `row`, without an axis."""
    import altair as alt

    return base.encode(y=alt.Y("row:O", axis=None))


def headed(base: alt.Chart, left: str, right: str) -> list[alt.Chart]:
    """Labels above each row: what it is on the left, its value on the right."""
    import altair as alt

    return [
        text(base, left, align="left", dy=-6).encode(x=alt.value(0)),
        text(base, right, align="right", dy=-6, color=QUIET).encode(x=alt.value("width")),
    ]
