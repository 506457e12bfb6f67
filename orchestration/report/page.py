"""The report of a run: its sections in order, as a page without scripts and as text."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb

from charts import theme
from orchestration.report import (
    checks,
    course,
    feeds,
    formats,
    kpis,
    quarantine,
    restated,
    rows,
    stores,
)
from orchestration.report.chapters import CHAPTERS, Chapter, Chart, picture
from orchestration.report.sources import Sources
from words import Text, Words, both

LEFT_OUT = "because the files it compares were published by another version of the code"
_TEMPLATES = Path(__file__).parent / "templates"


class Part(Protocol):
    """What a section is made of: a module of this package, or a chapter of charts."""

    def gather(self, sources: Sources) -> Any:
        """Its facts; None where it has nothing to say."""

    def lines(self, facts: Any) -> list[str]:
        """The facts as lines of text."""


@dataclass(frozen=True)
class Section:
    """A part of the report.

    The template `<name of the module>.html.j2` gets the facts as `facts`, the module as `it`,
    `formats` as `write` and `words.both` as `t`. A section that `compares` published files is left
    out where they lack what it reads, as those of an older version of the code may.
    """

    title: str
    module: Part
    compares: bool = False

    @property
    def name(self) -> str:
        if isinstance(self.module, Chapter):
            return self.module.name
        return self.module.__name__.rpartition(".")[2]  # type: ignore[attr-defined]

    @property
    def template(self) -> str:
        """Which template draws it."""
        return "chapter" if isinstance(self.module, Chapter) else self.name


SECTIONS = (
    Section("Headline figures", kpis, compares=True),
    Section("Sales and members", CHAPTERS["sales"], compares=True),
    Section("Who our customers are", CHAPTERS["customers"], compares=True),
    Section("Do they come back, and what are they worth", CHAPTERS["loyalty"], compares=True),
    Section("Campaigns", CHAPTERS["campaigns"], compares=True),
    Section("Support and satisfaction", CHAPTERS["support"], compares=True),
    Section("What the figures rest on", CHAPTERS["coverage"], compares=True),
    Section("Net sales by store", stores, compares=True),
    Section("Restated days", restated, compares=True),
    Section("Checks", checks),
    Section("Quarantine", quarantine),
    Section("Feeds", feeds),
    Section("Rows", rows),
    Section("The run", course),
)
"""In the order of the page."""
IN_SHORT = ("kpis", "checks", "quarantine", "rows", "course")
"""The sections of which `short` tells."""


@dataclass(frozen=True)
class Report:
    """Facts of a run by section; sections with nothing to say are absent.

    `left_out` are titles of sections that the published files do not serve; `language` is the one
    that the page shows first.
    """

    parts: tuple[tuple[Section, Any], ...]
    left_out: tuple[str, ...]
    language: str

    def facts(self, name: str) -> Any:
        """Facts of a section; None where it is absent."""
        return next((facts for section, facts in self.parts if section.name == name), None)


def build(sources: Sources, only: Collection[str] | None = None) -> Report:
    """Gather every section, or only those of these names."""
    parts, left_out = [], []
    for section in SECTIONS:
        if only is not None and section.name not in only:
            continue
        try:
            facts = section.module.gather(sources)
        except (duckdb.CatalogException, duckdb.BinderException):
            if not section.compares:
                raise
            left_out.append(section.title)
            continue
        if facts is not None:
            parts.append((section, facts))
    return Report(tuple(parts), tuple(left_out), sources.language)


def text(report: Report) -> str:
    """The whole report for a terminal."""
    told = short(report)
    for section, facts in report.parts:
        told += ["", section.title, "-" * len(section.title), *section.module.lines(facts)]
    told += [""] * bool(report.left_out)
    told += [f"{title}: left out, {LEFT_OUT}" for title in report.left_out]
    return "\n".join(told)


def short(report: Report) -> list[str]:
    """The report in a few lines, for the end of a refresh."""
    figures = report.facts("kpis")
    return summary(report) + ([_sales_line(figures)] if figures else [])


def summary(report: Report) -> list[str]:
    """How the run went, without figures of the business."""
    run, told = report.facts("course"), report.facts("rows")
    quarantined = report.facts("quarantine")
    return [
        f"run {run.run_id[:8]}: {run.status}"
        + (f", as of {run.as_of}" if run.as_of else "")
        + (f", in {course.took(run)}" if run.seconds is not None else ""),
        f"  rows       {formats.count(told.total('rows_in'))} in, "
        f"{formats.count(told.total('stored'))} stored, "
        f"{formats.count(told.total('quarantined'))} quarantined; "
        f"{formats.count(quarantined.waiting)} wait for a decision",
        f"  checks     {checks.summary(report.facts('checks'))}",
    ]


def html(report: Report) -> str:
    """The whole report as one page that needs nothing from elsewhere, in both languages."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"t": both, "write": formats, "picture": _picture}
    return environment.get_template("page.html.j2").render(
        report=report,
        left_out=LEFT_OUT,
        run_words=course,
        check_words=checks,
        in_first=Words(report.language),
        colours=theme,
    )


def _picture(chart: Chart) -> Any:
    """A chart for the page, named by the sentence that describes it."""
    from markupsafe import Markup

    drawn = picture(chart)
    named = f'<svg role="img" aria-labelledby="about-{chart.figure.name}"'
    # Markup of ours: Vega escapes the texts of the data.
    return drawn if isinstance(drawn, Text) else Markup(drawn.replace("<svg", named, 1))


def _sales_line(figures: kpis.Kpis) -> str:
    sales = figures.kpis[0]
    value = formats.value_of(sales.value, sales.headline.unit, figures.currency)
    line = f"  net sales  {value} on {formats.day(figures.as_of)}"
    if not sales.week.change:
        return line
    reason = kpis.effects_text(sales, sales.week, figures.currency)
    change = kpis.changed(sales, sales.week, figures.currency)
    return f"{line}, {change} against the week before" + (f": {reason}" if reason else "")
