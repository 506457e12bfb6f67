"""What pages are built of: tiles, charts, choices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from charts import FIGURES
from charts.theme import CONFIG, in_dark
from dashboard.address import asked_for, keep
from dashboard.data import Row, Value
from dashboard.tables import Column, table
from dashboard.view import View

WIDTH = 480
"""Pixels for which a chart is laid out before it is stretched to its column."""
AROUND = 40
"""Pixels for the title and axes of a chart beyond the height of what it draws."""
LONG = 11
"""Letters from which a number is written smaller, to stand on one line of its tile."""
ALL = "all"


@dataclass(frozen=True)
class Tile:
    """A number with its name; `note` is a line below it. The texts are ready to be read."""

    name: str
    value: str
    note: str = ""


def tiles(shown: Sequence[Tile]) -> None:
    """Numbers side by side, as many as the screen is wide."""
    st.html(f'<dl class="tk-tiles">{"".join(_tile(tile) for tile in shown)}</dl>')


def _tile(tile: Tile) -> str:
    size = "tk-small" if len(tile.value) > LONG else "tk-large"
    return (
        f'<div><dt>{escape(tile.name)}</dt><dd class="{size}">{escape(tile.value)}'
        f"<small>{escape(tile.note)}</small></dd></div>"
    )


def section(view: View, title: str, rows: Sequence[Row], columns: Sequence[Column]) -> None:
    """A table under its English title."""
    st.subheader(view.words(title), anchor=False)
    table(view, rows, columns)


def figure(view: View, name: str, query: str = "", title: str = "", **values: Value) -> None:
    """A chart under its title, with what is to be seen in words, and its numbers.

    `query` gives rows of the same columns as the chart's own, of one store say; `title` is then
    what they are, in the page's language.
    """
    drawn = FIGURES.get(name)
    if drawn is None:
        return
    st.subheader(title or view.words(drawn.title), anchor=False)
    rows = view.rows(query or drawn.query, **values)
    if not rows:
        st.caption(view.words(drawn.empty or "Nothing to show here."))
        return
    described = drawn.describe(rows, view.words)
    spec = _spec(name, view.words.language, _is_dark(), repr(rows), view, rows)
    show_spec(spec, described)
    st.caption(described)
    with st.expander(view.words("The numbers"), key=f"numbers_{name}", on_change="rerun") as box:
        if box.open:
            _numbers(view, name, rows)


def show_spec(spec: dict[str, Any], described: str) -> None:
    """A drawn chart, as wide as its column; `described` is for those who do not see it."""
    height = spec.get("height")
    st.vega_lite_chart(
        spec=spec,
        width="stretch",
        height=height + AROUND if isinstance(height, int) else "content",
        theme=None,
        alt=described,
    )


def spec_of(chart: Any) -> dict[str, Any]:
    """A chart of Altair as Vega-Lite, in the colours of the page's theme."""
    return _coloured(chart.to_dict(validate=False), _is_dark())


def choose(
    view: View, text: str, options: Sequence[str], key: str, names: dict[str, str] | None = None
) -> str:
    """One of some codes, from a list; kept in the address, so that it can be passed on.

    `names` are what codes are called here, in the page's language.
    """
    named = names or {}
    first = options[0]
    chosen = st.selectbox(
        view.words(text),
        options,
        index=options.index(asked_for(key, options, first)),
        format_func=lambda code: named.get(code) or view.label(code),
        key=f"choose_{key}",
    )
    return keep(key, chosen, first)


def switch(view: View, text: str, options: Sequence[str], key: str = "part") -> str:
    """One of a few codes, side by side: which part of a page is shown."""
    first = options[0]
    chosen = st.segmented_control(
        view.words(text),
        options,
        default=asked_for(key, options, first),
        required=True,
        format_func=view.label,
        key=f"switch_{key}",
        label_visibility="collapsed",
    )
    return keep(key, chosen, first)


def store(view: View, key: str = "store") -> str:
    """A store, or `all`."""
    stores = view.rows("select store_id, store_name from marts.dim_store order by store_id")
    names = {row["store_id"]: row["store_name"] or row["store_id"] for row in stores}
    return choose(view, "Store", [ALL, *names], key, {ALL: view.words("All stores")} | names)


def period(view: View, days: Sequence[int], key: str = "days") -> int:
    """A number of days up to the as-of date."""
    names = {str(n): view.words("The last {n} days", n=n) for n in days}
    return int(choose(view, "Period", list(names), key, names))


@st.cache_data(max_entries=300, show_spinner=False)
def _spec(
    name: str, language: str, is_dark: bool, data: str, _view: View, _rows: list[Row]
) -> dict[str, Any]:
    """A chart, drawn once for the same rows in one language and theme."""
    chart = FIGURES[name].draw(_rows, _view.words, WIDTH)
    return _coloured(chart.to_dict(validate=False), is_dark)


def _coloured(spec: dict[str, Any], is_dark: bool) -> dict[str, Any]:
    # Marks have no names of their own: the whole picture is described.
    spec = spec | {"config": CONFIG | {"mark": {"aria": False}}}
    return in_dark(spec) if is_dark else spec


def _is_dark() -> bool:
    return st.context.theme.type == "dark"


def _numbers(view: View, name: str, rows: list[Row]) -> None:
    """The rows of a chart as a table, written as the chart's own columns say."""
    columns = FIGURES[name].columns
    written = [
        dict(zip((column.key for column in columns), cells, strict=True))
        for cells in FIGURES[name].table(rows, view.words)
    ]
    table(
        view,
        written,
        [Column(c.key, c.title, "written" if c.is_number else "text") for c in columns],
    )
