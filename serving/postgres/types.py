"""Types of DuckDB as Postgres writes them: exact, or an error."""

from __future__ import annotations

import re

_SAME = {
    "BOOLEAN": "boolean",
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "UTINYINT": "smallint",
    "USMALLINT": "integer",
    "UINTEGER": "bigint",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "VARCHAR": "text",
    "BLOB": "bytea",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
}
_CAST = {
    "UBIGINT": ("numeric(20,0)", "decimal(20,0)"),
    "HUGEINT": ("numeric(38,0)", "decimal(38,0)"),
}
"""Types that Arrow would carry as floating point, and what they are read as instead."""
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


class UnknownTypeError(Exception):
    """A type without an exact counterpart here."""


def postgres_type(duckdb_type: str) -> str:
    """The type of a column there. A TIMESTAMP has no zone, and is UTC in every mart.

    Raises:
        UnknownTypeError: there is none that holds every value exactly.
    """
    decimal = _DECIMAL.fullmatch(duckdb_type)
    if decimal:
        return f"numeric({decimal[1]},{decimal[2]})"
    if duckdb_type.endswith("[]") and duckdb_type[:-2] in ("VARCHAR", "BIGINT", "DOUBLE"):
        return postgres_type(duckdb_type[:-2]) + "[]"
    if duckdb_type in _CAST:
        return _CAST[duckdb_type][0]
    try:
        return _SAME[duckdb_type]
    except KeyError:
        raise UnknownTypeError(duckdb_type) from None


def read_as(column: str, duckdb_type: str) -> str:
    """SQL that reads a column as Arrow can carry it without loss."""
    name = '"' + column.replace('"', '""') + '"'
    cast = _CAST.get(duckdb_type)
    return f"cast({name} as {cast[1]}) as {name}" if cast else name
