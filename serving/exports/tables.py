"""Published tables as CSV, read from the Parquet of one version: in the order of their keys."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ingestion.engine import connect, literal
from ingestion.errors import ConfigurationError
from serving.exports.csv_format import CsvFormat
from serving.exports.csv_text import Written, write_csv

if TYPE_CHECKING:
    import duckdb

EXCEL_ROWS = 1_048_576
"""Rows of a sheet, the header among them; Excel drops the rest of a longer file."""


@dataclass(frozen=True)
class PublishedVersion:
    """A version on disk: its folder, its as-of date (ISO) and the rows of its tables."""

    folder: Path
    as_of: str
    rows: dict[str, int]

    def table(self, name: str) -> str:
        """The table of that name, with or without its schema.

        Raises:
            ConfigurationError: it is not published; the message names the nearest.
        """
        table = name.removeprefix("marts.")
        if table in self.rows:
            return table
        near = difflib.get_close_matches(table, self.rows, n=3, cutoff=0.5)
        meant = f" Did you mean {', '.join(near)}?" if near else ""
        raise ConfigurationError(
            f"export: no table {name} is published.{meant} `tokui status` lists all."
        )


def export_table(
    version: PublishedVersion,
    table: str,
    out: BinaryIO,
    form: CsvFormat,
    columns: Sequence[str] = (),
) -> Written:
    """Write a table of a version; all columns where none are named.

    Raises:
        ConfigurationError: the table has no such column.
        UnwritableError: see `write_csv`.
    """
    source = f"read_parquet({literal(str(version.folder / 'parquet' / f'{table}.parquet'))})"
    with connect(Path(":memory:")) as connection:
        # Several threads hand batches over as they come, and the file is in the order of its key.
        connection.execute("set threads = 1")
        # There is nothing to gain, and rewriting a thousand cases a row costs ten times the rest.
        connection.execute("pragma disable_optimizer")
        chosen = _chosen(connection, source, table, columns)
        return write_csv(connection, f"select {chosen} from {source}", out, form)


def _chosen(
    connection: duckdb.DuckDBPyConnection, source: str, table: str, columns: Sequence[str]
) -> str:
    if not columns:
        return "*"
    rows = connection.execute(f"select column_name from (describe from {source})").fetchall()
    known = [name for (name,) in rows]
    unknown = [name for name in columns if name not in known]
    if unknown:
        raise ConfigurationError(
            f"export: {table} has no column {', '.join(unknown)}; it has {', '.join(known)}."
        )
    return ", ".join(f'"{name}"' for name in columns)
