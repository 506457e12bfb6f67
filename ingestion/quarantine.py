"""Rows in quarantine, as the warehouse knows them: `ledger.quarantined_rows`.

A row is `open` until it was `released` (it is in raw now, in its old place), `discarded` (a person
says that it is nothing), or `corrected`: its key, or its receipt, came again in a later file. A
corrected row can still be released, it then stands as the older version that it is. What stands in
the row is in the journal (schema `pii`), never here.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.contract import Feed, Table
from ingestion.engine import connect, literal
from ingestion.landing import QuarantinedRow
from ingestion.ledger import LoadedFile
from ingestion.row_text import owner_of, row_key

if TYPE_CHECKING:
    import duckdb


class State(Enum):
    """What became of a row in quarantine."""

    OPEN = "open"
    RELEASED = "released"
    DISCARDED = "discarded"
    CORRECTED = "corrected"


def remember(
    connection: duckdb.DuckDBPyConnection,
    rows: list[QuarantinedRow],
    files: list[LoadedFile],
    load_id: str,
) -> None:
    """Enter the rows that a load set aside; `files` are those of the load."""
    if not rows:
        return
    import pyarrow

    by_name = {file.file: file for file in files}
    names = ("table", "file", "line", "reason", "row_key", "owner", "version_at")
    arrow = pyarrow.Table.from_pylist(
        [{name: getattr(row, name) for name in names} for row in rows],
        schema=pyarrow.schema(
            [
                *((name, pyarrow.string()) for name in ("table", "file")),
                ("line", pyarrow.int64()),
                *((name, pyarrow.string()) for name in ("reason", "row_key", "owner")),
                ("version_at", pyarrow.timestamp("us")),
            ]
        ),
    )
    arrow = arrow.append_column(
        "sequence", pyarrow.array([by_name[row.file].sequence for row in rows], pyarrow.string())
    )
    connection.register("arrow_aside", arrow)
    connection.execute(
        f"insert into ledger.quarantined_rows select {literal(load_id)}, {files[0].load_number}, "
        'sequence, "table", file, line, reason, row_key, owner, version_at, '
        f"{literal(State.OPEN.value)} from arrow_aside"
    )
    connection.unregister("arrow_aside")


def note_corrected(feed: Feed, warehouse: Path) -> None:
    """Find the open rows whose key or receipt came again, or was deleted, since."""
    with connect(warehouse) as connection:
        waiting = connection.execute(
            "select distinct table_name from ledger.quarantined_rows where state = 'open'"
        ).fetchall()
        for table in feed.tables:
            if (table.qualified_name,) in waiting:
                _note_corrected(connection, table)


def _note_corrected(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    name = literal(table.qualified_name)
    mine, theirs = ("owner", owner_of(table)) if table.parent_key else ("row_key", row_key(table))
    is_newer = (
        "and (q.version_at is null or r.version_at >= q.version_at)" if table.version_at else ""
    )
    version = f", {table.version_at} as version_at" if table.version_at else ""
    opened = (
        "select rowid as row, * from ledger.quarantined_rows "
        f"where table_name = {name} and state = 'open'"
    )
    came_again = (
        f"select q.row from ({opened}) q join "
        f"(select {theirs} as name, _file, _load_id{version} from {table.qualified_name}) r "
        f"on r.name = q.{mine} {is_newer} "
        f"join ledger.files f on f.load_id = r._load_id and f.file = r._file "
        f"and f.table_name = {name} "
        "where (f.sequence, f.load_number, f.file) > (q.sequence, q.load_number, q.file)"
    )
    deleted = (
        f"select q.row from ({opened}) q join ledger.deletions d on d.table_name = {name} "
        "and d.row_key = q.row_key and (d.sequence, d.load_number) > (q.sequence, q.load_number)"
    )
    connection.execute(
        f"update ledger.quarantined_rows set state = {literal(State.CORRECTED.value)} "
        f"where rowid in ({came_again} union {deleted})"
    )
