"""docs/entities.md: how the published tables hang together, as Mermaid diagrams."""

from __future__ import annotations

from collections.abc import Collection

from orchestration.catalog.areas import AREAS, Area
from orchestration.catalog.relations import EXCEPT, Relation, relations
from orchestration.catalog.tables import Table

CORE = (
    "dim_customer",
    "dim_store",
    "dim_product",
    "dim_date",
    "fct_sales_receipt",
    "fct_sales_line",
    "store_daily",
    "customer_360",
)
"""Tables of the first diagram: the star that everything else stands on."""

_SIDE_BY_SIDE = 6
"""Boxes that fit beside each other on a page; more are drawn below each other."""

_HEAD = """# How the tables hang together

<!-- Written by `python -m orchestration.catalog` from the models; change those. -->

Published tables and the keys by which they are joined. Boxes show keys alone; the
[dictionary](dictionary/README.md) has every column. A line ends in a fork where several rows may
belong to one, in a circle where there may be none. `customer_key` is empty where nobody could be
identified; what it names always stands in `dim_customer`. Every line is tried on published data by
`tests/orchestration/test_catalog.py`.

## The core

Lines belong to receipts, receipts to a store, a day and perhaps a customer. Start from
`fct_sales_receipt` for sales, from `customer_360` for people.

"""

_LOOSE = """- `original_receipt_id`, `related_receipt_id`: the sale or the receipt may not have been
  delivered, or not count.
- `old_customer_key`, `new_customer_key` of `customer_key_change`: these people may have been merged
  since.
- `scope_key`: a store, a category or a channel, as `scope_type` says, or `all`.
"""


def page(tables: dict[str, Table]) -> str:
    """The page with a diagram of the core and one of each area."""
    lines = relations(tables)
    core = _diagram(CORE, [one for one in lines if {one.child, one.parent} <= {*CORE}], tables)
    parts = [_HEAD + core, *(_section(area, lines, tables) for area in AREAS[1:])]
    return "\n".join(parts) + "\n" + _nowhere()


def _section(area: Area, lines: list[Relation], tables: dict[str, Table]) -> str:
    of_area = [one for one in lines if one.child in area.tables and one.parent != "dim_date"]
    diagram = _diagram(area.tables, of_area, tables)
    days = [f"`{one.child}.{one.columns[0]}`" for one in lines if _is_day(one, area)]
    note = f"\nDays of `dim_date`: {', '.join(days)}.\n" if days else ""
    link = f"[Columns](dictionary/{area.name}.md)."
    return f"## {area.title}\n\n{area.about} {link}\n\n{diagram}{note}"


def _is_day(relation: Relation, area: Area) -> bool:
    return relation.child in area.tables and relation.parent == "dim_date"


def _diagram(names: Collection[str], lines: list[Relation], tables: dict[str, Table]) -> str:
    parents = {one.parent for one in lines} - set(names)
    boxes = [_box(tables[name], lines) for name in names]
    outside = [f"    {name}" for name in sorted(parents)]
    joined = [_line(one, tables) for one in lines]
    body = "\n".join([*boxes, *outside, *joined])
    direction = "" if len(names) <= _SIDE_BY_SIDE else "    direction LR\n"
    return f"```mermaid\nerDiagram\n{direction}{body}\n```\n"


def _box(table: Table, lines: list[Relation]) -> str:
    foreign = {column for one in lines if one.child == table.name for column in one.columns}
    shown = [c for c in table.columns if c.name in table.key or c.name in foreign]
    rows = [
        f"        {_plain(column.type)} {column.name} {_marks(column.name, table, foreign)}"
        for column in shown
    ]
    return "\n".join([f"    {table.name} {{", *rows, "    }"])


def _marks(column: str, table: Table, foreign: set[str]) -> str:
    return ", ".join(
        mark for mark, has in (("PK", column in table.key), ("FK", column in foreign)) if has
    )


def _plain(kind: str) -> str:
    """A type as Mermaid takes it, without its digits."""
    return kind.partition("(")[0]


def _line(relation: Relation, tables: dict[str, Table]) -> str:
    ending = "o|" if relation.is_one_to_one(tables) else "o{"
    start = "|o" if relation.is_optional else "||"
    label = relation.columns[0] if len(relation.columns) == 1 else "key"
    return f'    {relation.parent} {start}--{ending} {relation.child} : "{label}"'


def _nowhere() -> str:
    rows = [f"- `{table}.{column}`: {reason}." for (table, column), reason in EXCEPT.items()]
    return "\n".join(["## Keys that lead nowhere for certain", "", *rows, _LOOSE])
