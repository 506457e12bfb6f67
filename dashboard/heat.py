"""A triangle of numbers in which greater ones are darker."""

from __future__ import annotations

from html import escape

import streamlit as st

from charts.theme import ACCENT
from dashboard.data import Row
from dashboard.tables import nothing
from dashboard.view import View

MONTHS = 13
"""The month of the first order and the year after it."""
STRONGEST = 45
"""Per cent of colour behind the greatest value; text in either theme stays legible on it."""


def heat_table(view: View, rows: list[Row], kind: str) -> None:
    """Cohorts by months since, below `MONTHS`.

    Rows have cohort_month, months_since, cohort_size, value and is_left_censored.
    """
    if not rows:
        nothing(view)
        return
    cohorts: dict[object, dict[int, Row]] = {}
    for row in rows:
        cohorts.setdefault(row["cohort_month"], {})[row["months_since"]] = row
    greatest = max(float(row["value"] or 0) for row in rows)
    heads = "".join(f'<th scope="col" class="tk-number">{month}</th>' for month in range(MONTHS))
    names = (escape(view.words("Month")), escape(view.words("New customers")))
    body = "".join(_line(view, cohort, kind, greatest) for cohort in cohorts.values())
    st.html(
        f'<div class="tk-table tk-heat" tabindex="0" role="region" aria-label="'
        f'{escape(view.words("Cohorts"))}"><table><thead><tr><th scope="col">{names[0]}</th>'
        f'<th scope="col" class="tk-number">{names[1]}</th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _line(view: View, cohort: dict[int, Row], kind: str, greatest: float) -> str:
    first = next(iter(cohort.values()))
    star = " *" if first["is_left_censored"] else ""
    cells = "".join(_cell(view, cohort.get(month), kind, greatest) for month in range(MONTHS))
    return (
        f'<tr><th scope="row">{view.text(first["cohort_month"], "month")}{star}</th>'
        f'<td class="tk-number">{view.text(first["cohort_size"], "count")}</td>{cells}</tr>'
    )


def _cell(view: View, row: Row | None, kind: str, greatest: float) -> str:
    if row is None or row["value"] is None:
        return "<td></td>"
    share = min(1.0, float(row["value"]) / greatest) if greatest else 0
    colour = f"color-mix(in srgb, {ACCENT} {share * STRONGEST:.0f}%, transparent)"
    text = escape(view.text(row["value"], kind))
    return f'<td class="tk-number" style="background: {colour}">{text}</td>'
