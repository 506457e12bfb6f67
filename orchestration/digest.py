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


def digest(connection: duckdb.DuckDBPyConnection, table: str, key: list[str]) -> tuple[int, str]:
    """Rows and hex digest of a table.

    Names and types of the columns in the order of the table, then every value as the engine's
    text with its length in bytes before it: so no text, whatever it holds, can be taken for NULL
    or for two values.
    """
    columns = connection.execute(
        f"select column_name, column_type from (describe {table})"
    ).fetchall()
    values = ", ".join(_value(name) for name, _ in columns)
    order = ", ".join(f'"{name}"' for name in key)
    query = f"select concat({values}, chr(10)) as digest_line from {table} order by {order}"
    reader = connection.execute(query).to_arrow_reader(_BATCH_ROWS)
    state = hashlib.sha256(repr(columns).encode())
    rows = 0
    for batch in reader:
        rows += batch.num_rows
        _feed(state, batch.column(0))
    return rows, state.hexdigest()


def _value(column: str) -> str:
    """SQL: `length:text;`, or `-;` for NULL."""
    text = f'cast("{column}" as varchar)'
    return f"coalesce(strlen({text}) || ':' || {text}, '-'), ';'"


def _feed(state: hashlib._Hash, lines: object) -> None:
    """Hash the text of an Arrow column straight from its buffer."""
    import pyarrow

    text = lines.cast(pyarrow.large_string())  # type: ignore[attr-defined]
    if len(text) == 0:
        return
    offsets = memoryview(text.buffers()[1]).cast("q")
    first, last = offsets[text.offset], offsets[text.offset + len(text)]
    state.update(memoryview(text.buffers()[2])[first:last])
