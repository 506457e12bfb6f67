"""Reads tables in one way and prints them: run in a process of its own, with its own libraries.

`python reading.py WAY ADDRESS TABLE KEY,COLUMNS ...`
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal


def main(way: str, address: str, *wanted: str) -> None:
    """Print the version of the library and the rows of each table as JSON."""
    tables = dict(zip(wanted[::2], wanted[1::2], strict=True))
    read = {"duckdb": _duckdb, "superset": _superset}[way]
    library, rows = read(address, tables)
    print(json.dumps({"library": library, "tables": rows}))


def plain(rows: Iterable[Iterable[object]]) -> list[list[object]]:
    """Rows as JSON has them, each value with its type: 1, 1.0 and '1' stay three."""
    return [[_plain(value) for value in row] for row in rows]


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Decimal):
        return f"decimal {value:f}"
    if isinstance(value, datetime):
        return f"timestamp {value.isoformat()}"
    if isinstance(value, date):
        return f"date {value.isoformat()}"
    return f"{type(value).__name__} {value!r}"


def _duckdb(address: str, tables: dict[str, str]) -> tuple[str, dict[str, list]]:
    import duckdb

    with duckdb.connect(address, read_only=True) as connection:
        return duckdb.__version__, {
            table: plain(
                connection.execute(f"select * from marts.{table} order by {key}").fetchall()
            )
            for table, key in tables.items()
        }


def _superset(address: str, tables: dict[str, str]) -> tuple[str, dict[str, list]]:
    """As Superset does: looks a table up in the catalogue, then selects its columns by name."""
    import sqlalchemy
    from sqlalchemy.pool import NullPool

    engine = sqlalchemy.create_engine(address, poolclass=NullPool)
    inspector = sqlalchemy.inspect(engine)
    assert {"marts", "ops"} <= {name.rpartition(".")[2] for name in inspector.get_schema_names()}
    found = {}
    for table, key in tables.items():
        assert table in inspector.get_table_names(schema="marts")
        names = [column["name"] for column in inspector.get_columns(table, schema="marts")]
        columns = [sqlalchemy.column(name) for name in names]
        query = (
            sqlalchemy.select(columns)
            .select_from(sqlalchemy.table(table, schema="marts"))
            .order_by(*map(sqlalchemy.column, key.split(",")))
        )
        with engine.connect() as connection:
            found[table] = plain(connection.execute(query).fetchall())
    return sqlalchemy.__version__, found


if __name__ == "__main__":
    main(*sys.argv[1:])
