"""Tables as plain HTML: quick, readable without a mouse or eyes, and right on a phone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from dashboard.data import Row
from dashboard.view import NUMBERS, WHOLE, View

SHORT = 25
"""Rows up to which a table is shown in full height."""


@dataclass(frozen=True)
class Column:
    """A column: the name in the rows, its English heading, and the kind of its values.

    `link` gives the address that a cell leads to.
    """

    name: str
    heading: str
    kind: str = "text"
    link: Callable[[Row], str] | None = None


def table(view: View, rows: Sequence[Row], columns: Sequence[Column], caption: str = "") -> None:
    """Show rows, or say that there are none; `caption` is in the page's language already."""
    if not rows:
        nothing(view)
        return
    st.html(html(view, rows, columns, caption))


def html(view: View, rows: Sequence[Row], columns: Sequence[Column], caption: str = "") -> str:
    """Rows as an HTML table; the first column names each row."""
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    head = "".join(
        f'<th scope="col"{_side(column)}>{escape(view.words(column.heading))}</th>'
        for column in columns
    )
    body = "".join(f"<tr>{_cells(view, row, columns)}</tr>" for row in rows)
    # A wide table scrolls within its box; the box takes the focus, so that arrows scroll it.
    name = "tk-table tk-long" if len(rows) > SHORT else "tk-table"
    return (
        f'<div class="{name}" tabindex="0" role="region" '
        f'aria-label="{escape(caption or view.words("Table"))}"><table>{title}'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def facts(view: View, row: Row, columns: Sequence[Column]) -> None:
    """One row, a line a column."""
    lines = "".join(
        f"<div><dt>{escape(view.words(column.heading))}</dt>"
        f"<dd>{_value(view, row, column)}</dd></div>"
        for column in columns
    )
    st.html(f'<dl class="tk-facts">{lines}</dl>')


def nothing(view: View) -> None:
    """Say that there is nothing to show."""
    st.caption(view.words("Nothing to show here."))


def _cells(view: View, row: Row, columns: Sequence[Column]) -> str:
    first, *others = columns
    cells = [f'<th scope="row"{_side(first)}>{_value(view, row, first)}</th>']
    cells += [f"<td{_side(column)}>{_value(view, row, column)}</td>" for column in others]
    return "".join(cells)


def _value(view: View, row: Row, column: Column) -> str:
    text = escape(view.text(row[column.name], column.kind))
    if column.link is None or row[column.name] is None:
        return text
    return f'<a href="{escape(column.link(row))}" target="_self">{text}</a>'


def _side(column: Column) -> str:
    """Numbers stand on the right; they and dates are not broken into lines."""
    if column.kind in NUMBERS:
        return ' class="tk-number"'
    if column.kind == "prose":
        return ' class="tk-prose"'
    return ' class="tk-whole"' if column.kind in WHOLE else ""
