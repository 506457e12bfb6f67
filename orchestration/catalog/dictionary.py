"""docs/dictionary/: every published table with its grain, key and columns, a page an area."""

from __future__ import annotations

import re

from orchestration.catalog.areas import AREAS, Area
from orchestration.catalog.ops_tables import ops_tables
from orchestration.catalog.tables import Column, Table
from orchestration.catalog.units import unit_of

NOTE = "<!-- Written by `python -m orchestration.catalog` from the models; change those. -->"

OPS_TITLE = "What the run did"
OPS_ABOUT = "Tables of the schema `ops` of the published file."
OPS_PAGES = {
    "check_results": "gates.md",
    "quarantine_summary": "quarantine.md",
    "row_accounting": "quarantine.md",
    "model_backtest": "metrics/ltv.md",
}
"""Pages, from `docs/`, that explain tables of `ops`; operations.md explains the others."""

_INDEX = f"""# Dictionary

{NOTE}

Every table of `published/crm.duckdb`, every column with its type, unit and meaning. `marts` holds
what is known of customers and sales, `ops` what the run did. How the tables are joined:
[entities](../entities.md). The figures of a manager and their formulas: [KPIs](kpis.md).

`tokui docs` writes the same as one page with the SQL and the lineage of every table, staging and
intermediate included; it opens from the disk and from any web server.

Common to all of them:

- **amount** is money of the company's currency, without tax unless the name ends in `_inc_tax`.
- **share** is a fraction: 0.5 is 50 %. It may exceed 1 where the description says so. NULL where
  there is nothing to divide by.
- A window of N days ends on the as-of date and has N dates, both ends included.
- An instant is in UTC; a date is a business date of the store, or of the company's time zone.
- `customer_key` is opaque. No column holds a name, an address or a number of a person.
"""


def index(tables: dict[str, Table]) -> str:
    """The list of all areas and tables."""
    sections = [
        _index_section(area.title, f"{area.name}.md", area.about, [tables[t] for t in area.tables])
        for area in AREAS
    ]
    ops = _index_section(OPS_TITLE, "ops.md", OPS_ABOUT, list(ops_tables().values()))
    return "\n".join([_INDEX, *sections, ops])


def _index_section(title: str, file: str, about: str, tables: list[Table]) -> str:
    rows = [
        f"| [`{table.name}`]({file}#{table.name}) | {_cell(grain(table))} |" for table in tables
    ]
    head = ["| table | one row is |", "|---|---|"]
    return "\n".join([f"## [{title}]({file})", "", about, "", *head, *rows, ""])


def page(area: Area, tables: dict[str, Table]) -> str:
    """The page of an area."""
    return _page(area.title, area.about, [(tables[t], area.page_of(t)) for t in area.tables])


def ops_page() -> str:
    """The page of the schema `ops`."""
    tables = ops_tables()
    explained = [(tables[name], OPS_PAGES.get(name, "operations.md")) for name in tables]
    return _page(OPS_TITLE, OPS_ABOUT, explained)


def _page(title: str, about: str, explained: list[tuple[Table, str]]) -> str:
    sections = [section(table, page) for table, page in explained]
    return f"# {title}\n\n{NOTE}\n\n{about} [All tables](README.md).\n\n" + "\n".join(sections)


def section(table: Table, page: str) -> str:
    """A table with its grain, key and columns; `page` explains it, from `docs/`."""
    key = ", ".join(f"`{name}`" for name in table.key)
    rows = "\n".join(_row(table.name, column) for column in table.columns)
    return (
        f"## {table.name}\n\n{_text(table.description)}\n\n"
        f"Key: {key}. Explained in [{page}](../{page}).\n\n"
        f"| column | type | unit | meaning |\n|---|---|---|---|\n{rows}\n"
    )


def _row(table: str, column: Column) -> str:
    meaning = _cell(column.description)
    return f"| `{column.name}` | {column.type} | {unit_of(table, column)} | {meaning} |"


def grain(table: Table) -> str:
    """What one row is: the first sentence of the description, without its beginning."""
    flat = re.sub(r"\s+", " ", table.description)
    sentence = re.split(r"(?<=[.:;])\s(?![^(]*\))", flat, maxsplit=1)[0].rstrip(".:;")
    return sentence.removeprefix("One row ").removeprefix("One row: ")


def _text(description: str) -> str:
    """A description as Markdown, its lists and tables kept."""
    return re.sub(r"[ \t]+\n", "\n", description)


def _cell(text: str) -> str:
    """A text as a cell of a table: one line, and no bar that would end the cell."""
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")
