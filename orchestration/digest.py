"""The digest of a mart: sha256 of its rows in key order, all columns.

The same raw data, ledger and as-of date give the same digests, whatever the machine, the number of
threads or the run, and however the rows are cut into batches.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow

BATCH_ROWS = 122_880
"""Rows that are read at once, as many as the engine keeps in a row group."""


class Digest:
    """Takes the rows of a table batch by batch, in key order.

    Each column is hashed by itself, as typed values: which rows are NULL, then of those that are
    not the lengths of texts, then the bytes of the values. These follow the names and types of the
    columns in the order of the table, so no value, whatever it holds, can be taken for NULL, for
    two values or for one of another column.
    """

    def __init__(self, columns: Sequence[tuple[str, str]]) -> None:
        self.rows = 0
        self._header = repr([tuple(column) for column in columns]).encode()
        self._columns = [_Column() for _ in columns]

    def update(self, batch: pyarrow.RecordBatch) -> None:
        """Add the rows of a batch.

        Raises:
            TypeError: a column has a type whose values we cannot tell apart by their bytes.
        """
        self.rows += batch.num_rows
        for column, values in zip(self._columns, batch.columns, strict=True):
            column.update(values)

    def hexdigest(self) -> str:
        """The digest of the rows so far, 64 hex digits."""
        state = hashlib.sha256(self._header)
        for column in self._columns:
            state.update(column.digest())
        return state.hexdigest()


def digest(connection: duckdb.DuckDBPyConnection, table: str, key: list[str]) -> tuple[int, str]:
    """Rows and hex digest of a table."""
    state = Digest(columns_of(connection, table))
    for batch in in_key_order(connection, table, key):
        state.update(batch)
    return state.rows, state.hexdigest()


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    """Names and types of the columns, as the engine spells them, in the order of the table."""
    return connection.execute(f"select column_name, column_type from (describe {table})").fetchall()


def in_key_order(
    connection: duckdb.DuckDBPyConnection, table: str, key: list[str]
) -> pyarrow.RecordBatchReader:
    """The rows of a table by its key, read as they are taken; the engine sorts them out of core."""
    order = ", ".join(f'"{name}"' for name in key)
    return connection.execute(f"from {table} order by {order}").to_arrow_reader(BATCH_ROWS)


class _Column:
    """One column in three hashes, each over all rows, so that no batch shows in the result."""

    def __init__(self) -> None:
        self._present, self._lengths, self._values = (hashlib.sha256() for _ in range(3))

    def update(self, values: pyarrow.Array) -> None:
        self._present.update(_presence(values))
        lengths, content = _content(values.drop_null() if values.null_count else values)
        self._lengths.update(lengths)
        self._values.update(content)

    def digest(self) -> bytes:
        return self._present.digest() + self._lengths.digest() + self._values.digest()


def _presence(values: pyarrow.Array) -> np.ndarray:
    """A byte a row: 1, or 0 where it is NULL."""
    import numpy as np

    if not values.null_count:
        return np.ones(len(values), np.uint8)
    bits = np.frombuffer(values.buffers()[0], np.uint8)
    bits = np.unpackbits(bits, count=values.offset + len(values), bitorder="little")
    return bits[values.offset :]


def _content(values: pyarrow.Array) -> tuple[np.ndarray, np.ndarray]:
    """Lengths of texts, nothing for other types, and the bytes of the values, none of them NULL."""
    import numpy as np
    import pyarrow

    kind, last = values.type, values.offset + len(values)
    none = np.empty(0, np.uint8)
    if pyarrow.types.is_string(kind) or pyarrow.types.is_binary(kind):
        offsets = np.frombuffer(values.buffers()[1], "<i4", last + 1)[values.offset :]
        content = np.frombuffer(values.buffers()[2] or none, np.uint8)
        return np.diff(offsets), content[offsets[0] : offsets[-1]]
    if pyarrow.types.is_boolean(kind):
        return none, values.to_numpy(zero_copy_only=False).view(np.uint8)
    if pyarrow.types.is_floating(kind):
        numbers = values.to_numpy()
        # Machines make NaN of different bits.
        return none, np.where(np.isnan(numbers), np.nan, numbers)
    if not pyarrow.types.is_primitive(kind) and not pyarrow.types.is_decimal(kind):
        raise TypeError(f"a published table cannot have a column of type {kind}")
    width = kind.bit_width // 8
    content = np.frombuffer(values.buffers()[1], np.uint8, last * width)
    return none, content[values.offset * width :]
