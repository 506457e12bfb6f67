"""What a chart is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from charts import formats
from charts.names import said
from words import Words

if TYPE_CHECKING:
    import altair as alt

Row = dict[str, Any]
CURRENCY = """coalesce((
    select currency from marts.dim_store where currency is not null
    group by currency order by count(*) desc, currency limit 1
), 'JPY') as currency"""
"""A column of rows that carry amounts: the currency of most stores.

Without a store it is the one that settings name by default.
"""


@dataclass(frozen=True)
class Column:
    """A column of the table beneath a chart.

    `kind` says how it is written: text, code (a word of the tables, `names`), day, month, yes, or a
    unit of `formats.value_of`; `unit` instead takes it from the row's column `unit`, `decimal` has
    one decimal.
    """

    key: str
    title: str
    kind: str = "text"

    @property
    def is_number(self) -> bool:
        """Whether the column is set to the right."""
        return self.kind not in ("text", "code", "day", "month", "yes")

    def write(self, row: Row, words: Words) -> str:
        """A cell in one language."""
        value = row[self.key]
        if value is None:
            return formats.NONE
        if self.kind == "code":
            return said(value, words)
        if self.kind == "yes":
            return words("yes") if value else words("no")
        return str(words.of(self._written(value, row)))

    def _written(self, value: Any, row: Row) -> str:
        if self.kind == "text":
            return f"{value}"
        if self.kind in ("day", "month"):
            return formats.day(value) if self.kind == "day" else formats.month(value)
        if self.kind == "decimal":
            return f"{value:,.1f}"
        unit = row["unit"] if self.kind == "unit" else self.kind
        return formats.value_of(value, unit, row.get("currency") or "")


@dataclass(frozen=True)
class Figure:
    """A chart of published tables.

    `title` is English and known to `words`; `query` reads `marts` and `ops` of a published file and
    gives the rows in the order of the chart; `draw` makes the chart as wide as it is told, in
    pixels; `describe` says in a sentence what is to be seen. `columns` are the numbers beneath it.
    `empty` says why there may be nothing to show, and then a page says that instead of a chart;
    without it a chart without rows is left out.
    """

    name: str
    title: str
    query: str
    draw: Callable[[list[Row], Words, int], alt.TopLevelMixin]
    describe: Callable[[list[Row], Words], str]
    columns: tuple[Column, ...] = ()
    empty: str = ""

    def rows(self, connection: duckdb.DuckDBPyConnection) -> list[Row]:
        """Rows of the query on a connection whose current database is a published file."""
        result = connection.execute(self.query)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def table(self, rows: list[Row], words: Words) -> list[list[str]]:
        """The rows beneath the chart, written in one language."""
        return [[column.write(row, words) for column in self.columns] for row in rows]
