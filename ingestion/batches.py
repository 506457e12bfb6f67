"""Rows of the engine worked through in Python, a batch at a time, whatever their number."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow

ROWS_AT_ONCE = 100_000
"""So many rows are Python objects at one time."""


def work_through(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    result: str,
    work: Callable[[pyarrow.Table], pyarrow.Table],
) -> int:
    """Make the scratch table `result` of what `work` makes of the rows of a query.

    Returns how many rows the query has; without any there is no table.
    """
    source = f"{result}_source"
    connection.execute(f"create or replace temp table {source} as {query}")
    row = connection.execute(f"select count(*) from {source}").fetchone()
    rows = int(row[0]) if row else 0
    for start in range(0, rows, ROWS_AT_ONCE):
        batch = connection.execute(
            f"select * from {source} where rowid >= {start} and rowid < {start + ROWS_AT_ONCE}"
        ).to_arrow_table()
        connection.register("arrow_batch", work(batch))
        how = f"insert into {result}" if start else f"create or replace temp table {result} as"
        connection.execute(f"{how} from arrow_batch")
        connection.unregister("arrow_batch")
    connection.execute(f"drop table {source}")
    return rows
