"""The tables of a published file, as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from serving.postgres.errors import CopyError
from serving.postgres.types import UnknownTypeError, postgres_type, read_as

if TYPE_CHECKING:
    import duckdb

SCHEMAS = ("marts", "ops")


@dataclass(frozen=True)
class Column:
    """A column, its type in DuckDB and its type in Postgres."""

    name: str
    type: str
    there: str


@dataclass(frozen=True)
class Table:
    """A table of `marts` or `ops`."""

    schema: str
    name: str
    columns: tuple[Column, ...]

    @property
    def query(self) -> str:
        """SQL that reads all rows as they are loaded."""
        columns = ", ".join(read_as(column.name, column.type) for column in self.columns)
        return f'select {columns} from "{self.schema}"."{self.name}"'


def tables_of(published: duckdb.DuckDBPyConnection) -> list[Table]:
    """The tables of `marts` and `ops`, in the order of their names.

    Raises:
        CopyError: a column has a type that Postgres cannot hold exactly.
    """
    found: dict[tuple[str, str], list[Column]] = {}
    rows = published.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        f"where schema_name in {SCHEMAS} order by schema_name, table_name, column_index"
    ).fetchall()
    for schema, table, column, data_type in rows:
        try:
            there = postgres_type(data_type)
        except UnknownTypeError:
            raise CopyError(
                f"{schema}.{table}.{column} is a {data_type}, which Postgres cannot hold exactly. "
                "Cast it to another type in its model."
            ) from None
        found.setdefault((schema, table), []).append(Column(column, data_type, there))
    return [Table(*name, tuple(columns)) for name, columns in found.items()]
