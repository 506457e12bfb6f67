"""dbt's exposures: which marts the report and the dashboard read, found in their source text.

A query names a table as `marts.<table>`; whatever does so in a folder counts as read by it, and
what the charts ask once their queries are put together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from charts import FIGURES
from orchestration.catalog.tables import Table
from orchestration.project import ROOT

FILE = "dbt_project/models/exposures.yml"
_READ = re.compile(r"\bmarts\.([a-z_0-9]+)")


@dataclass(frozen=True)
class Exposure:
    """Something that people look at, and the folders of code that make it."""

    name: str
    label: str
    kind: str
    folders: tuple[str, ...]
    description: str


EXPOSURES = (
    Exposure(
        "report",
        "The report",
        "analysis",
        ("charts", "orchestration/report"),
        "published/report.html: what the figures say, what moved and why, what the run did. One "
        "page a run; docs/report.md explains it.",
    ),
    Exposure(
        "dashboard",
        "The dashboard",
        "dashboard",
        ("charts", "dashboard"),
        "Pages on the published file for people who ask and do not write SQL. `make dashboard` "
        "starts it.",
    ),
)


def read_by(exposure: Exposure, tables: dict[str, Table]) -> list[str]:
    """Published tables that the code of an exposure names."""
    named = tables_named("\n".join(figure.query for figure in FIGURES.values()))
    for folder in exposure.folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            named |= tables_named(path.read_text(encoding="utf-8"))
    return sorted(named & set(tables))


def tables_named(source: str) -> set[str]:
    """Names behind `marts.` in a source text."""
    return set(_READ.findall(source))


def text(tables: dict[str, Table]) -> str:
    """The file of exposures."""
    head = "# Written by `python -m orchestration.catalog` from the queries; change those.\n"
    return head + "exposures:\n" + "\n".join(_entry(one, tables) for one in EXPOSURES)


def _entry(exposure: Exposure, tables: dict[str, Table]) -> str:
    lines = [
        f"  - name: {exposure.name}",
        f"    label: {exposure.label}",
        f"    type: {exposure.kind}",
        "    maturity: high",
        "    owner:",
        "      name: Tokui",
        "    description: >",
        *_wrapped(exposure.description, "      "),
        "    depends_on:",
        *(f"      - ref('{table}')" for table in read_by(exposure, tables)),
    ]
    return "\n".join(lines) + "\n"


def _wrapped(text: str, indent: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width=98, initial_indent=indent, subsequent_indent=indent)
