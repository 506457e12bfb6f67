"""Sections made of charts: what a shop manager asks of the published version.

A chapter gathers the rows of its charts and says each in a sentence; `pictures` draws them for the
page. A chart that fails is left out of its chapter, which says so: a picture keeps no page back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from charts import FIGURES
from charts.figure import Figure, Row
from orchestration.report.sources import Sources
from words import ENGLISH, JAPANESE, Text, both

_LACKING = (duckdb.CatalogException, duckdb.BinderException)


@dataclass(frozen=True)
class Chart:
    """A chart of one version: its rows, or why there is no picture of them.

    `about` says what is to be seen, or why nothing is.
    """

    figure: Figure
    rows: list[Row]
    about: Text

    @property
    def title(self) -> Text:
        return both(self.figure.title)

    @property
    def header(self) -> list[Text]:
        """Titles of the columns of its table."""
        return [both(column.title) for column in self.figure.columns]

    def table(self) -> list[list[Text]]:
        """Its numbers, written in both languages."""
        in_both = zip(
            self.figure.table(self.rows, ENGLISH),
            self.figure.table(self.rows, JAPANESE),
            strict=True,
        )
        return [[Text(*cell) for cell in zip(*row, strict=True)] for row in in_both]


@dataclass(frozen=True)
class Charts:
    """The charts of a chapter that have something to say."""

    charts: tuple[Chart, ...]


@dataclass(frozen=True)
class Chapter:
    """A section of the report made of these charts of `charts.FIGURES`."""

    name: str
    figures: tuple[str, ...]

    template = "chapter"

    def gather(self, sources: Sources) -> Charts | None:
        """Rows of its charts; None where the run published nothing or nothing is to be shown.

        Raises:
            duckdb.CatalogException, duckdb.BinderException: another version of the code published
                these files, and no chart finds what it reads.
        """
        if sources.manifest is None:
            return None
        found, lacking = [], None
        with sources.published() as connection:
            for name in self.figures:
                try:
                    found.append(_chart(FIGURES[name], connection))
                except _LACKING as error:
                    lacking = error
        told = tuple(chart for chart in found if chart is not None)
        if not told and lacking is not None:
            raise lacking
        return Charts(told) if told else None

    @staticmethod
    def lines(facts: Charts) -> list[str]:
        """A sentence a chart."""
        return [f"{chart.title}: {chart.about}" for chart in facts.charts]


def picture(chart: Chart) -> str | Text:
    """The chart as SVG, empty where it has no rows, or a sentence where it cannot be drawn."""
    from charts.svg import render

    if not chart.rows:
        return ""
    try:
        return render(chart.figure, chart.rows)
    except Exception as error:  # A picture must not keep the page, and its numbers, back.
        return both("This chart could not be drawn ({error}).", error=type(error).__name__)


def _chart(figure: Figure, connection: duckdb.DuckDBPyConnection) -> Chart | None:
    """Rows and sentence of a chart; None where it has neither rows nor a reason."""
    try:
        rows = figure.rows(connection)
        about = _said(figure, rows)
    except _LACKING:
        raise
    except Exception as error:  # As above.
        reason = both("This chart could not be drawn ({error}).", error=type(error).__name__)
        return Chart(figure, [], reason)
    return Chart(figure, rows, about) if about else None


def _said(figure: Figure, rows: list[Row]) -> Text:
    if rows:
        return Text(figure.describe(rows, ENGLISH), figure.describe(rows, JAPANESE))
    return both(figure.empty) if figure.empty else Text("", "")


CHAPTERS: dict[str, Any] = {
    chapter.name: chapter
    for chapter in (
        Chapter(
            "sales", ("scorecard_pace", "net_sales_daily", "sales_by_store", "members_over_time")
        ),
        Chapter("customers", ("rfm_grid", "rfm_migration", "lifecycle_status", "lifecycle_flow")),
        Chapter(
            "loyalty", ("cohort_triangle", "repeat_funnel", "ltv_by_segment", "ltv_calibration")
        ),
        Chapter("campaigns", ("campaign_effects", "campaign_verdicts")),
        Chapter(
            "support", ("support_times", "support_resolution", "nps_trend", "chat_containment")
        ),
        Chapter("coverage", ("data_coverage",)),
    )
}
