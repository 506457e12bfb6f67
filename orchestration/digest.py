"""The digest of a mart: sha256 of its rows in key order, all columns.

The same raw data, ledger and as-of date give the same digests, whatever the machine, the number of
threads or the run.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_BATCH_ROWS = 100_000


def digest(
    connection: duckdb.DuckDBPyConnection, table: str, key: list[str]
) -> tuple[int, str]:
    """Rows and hex digest of a table.

    Every value is written as the engine's text, NULL as a character that no text holds; columns
    are in the order of the table.
    """
    columns = [
        row[0]
        for row in connection.execute(
            f"select column_name from (describe {table})"
        ).fetchall()
    ]
    values = ", ".join(f"coalesce(cast({name} as varchar), chr(0))" for name in columns)
    query = f"select concat_ws(chr(31), {values}) || chr(30) as line from {table} order by "
    reader = connection.execute(query + ", ".join(key)).to_arrow_reader(_BATCH_ROWS)
    state = hashlib.sha256("\x1f".join(columns).encode())
    rows = 0
    for batch in reader:
        rows += batch.num_rows
        _feed(state, batch.column(0))
    return rows, state.hexdigest()


def _feed(state: hashlib._Hash, lines: object) -> None:
    """Hash the text of an Arrow column straight from its buffer."""
    import pyarrow

    text = lines.cast(pyarrow.large_string())  # type: ignore[attr-defined]
    if len(text) == 0:
        return
    offsets = memoryview(text.buffers()[1]).cast("q")
    first, last = offsets[text.offset], offsets[text.offset + len(text)]
    state.update(memoryview(text.buffers()[2])[first:last])
