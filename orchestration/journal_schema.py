"""The version of the journal's tables, and how a journal of an older version gets today's.

The journal only ever grows: a new version adds tables, or columns behind those that are there. So
one rule upgrades every older journal: what the tables of a new one have and it has not, is added.
Who adds a column writes it into `journal.TABLES`, behind the others, and raises `VERSION`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.engine import connect, literal, values_rows
from ingestion.errors import ConfigurationError
from ingestion.migrations import MigrationError
from orchestration.publication import code_version

if TYPE_CHECKING:
    import duckdb

_TABLE = re.compile(r"create table if not exists ([\w.]+)")
VERSION = 3
"""Version 1 had no table of versions, 2 none of the lists that were handed out."""


def read_version(connection: duckdb.DuckDBPyConnection) -> int | None:
    """Version of the tables that a connection sees; None when there are none yet."""
    return _version(connection, _columns(connection).keys())


def _version(connection: duckdb.DuckDBPyConnection, names: Collection[str]) -> int | None:
    if "ops.schema_versions" in names:
        row = connection.execute(
            "select max(version) from ops.schema_versions where part = 'journal'"
        ).fetchone()
        if row and row[0] is not None:
            return int(row[0])
    return 1 if "ops.runs" in names else None


def prepare(connection: duckdb.DuckDBPyConnection, tables: str) -> None:
    """Make the tables that are missing in a journal of this version, or in a new one.

    Raises:
        ConfigurationError: the journal is of another version; nothing is written to it.
    """
    names = _columns(connection).keys()
    version = _version(connection, names)
    if version is not None:
        refuse_other_version(version)
    if not names >= set(_TABLE.findall(tables)):  # A run writes some thirty times.
        connection.execute(tables)
    if version is None:
        enter(connection, "journal", VERSION)


def refuse_other_version(version: int) -> None:
    """Refuse a journal whose tables are of another version than this code writes.

    Raises:
        ConfigurationError: they are; the message says whether to upgrade the one or the other.
    """
    if version > VERSION:
        raise ConfigurationError(
            f"the journal (ops/journal.duckdb) was made by a newer Tokui: it is of version "
            f"{version}, and this one writes {VERSION}. Update Tokui, or set TOKUI_HOME to another "
            "folder."
        )
    if version < VERSION:
        raise ConfigurationError(
            f"the journal (ops/journal.duckdb) was made by an older Tokui: it is of version "
            f"{version}, and this one writes {VERSION}. Run `tokui upgrade`; "
            "`tokui upgrade --dry-run` tries it first and changes nothing."
        )


def upgrade(connection: duckdb.DuckDBPyConnection, tables: str) -> None:
    """Add the tables and columns that a journal lacks, and enter its version, all or nothing.

    Raises:
        MigrationError: a table has columns that no version had, or in another order.
    """
    wanted = _columns_of_a_new_one(tables)
    connection.execute("begin")
    connection.execute(tables)
    found = _columns(connection)
    for table, columns in wanted.items():
        for column, kind in columns[len(found[table]) :]:
            connection.execute(f"alter table {table} add column {column} {kind}")
    found = _columns(connection)
    differing = sorted(table for table in wanted if found[table] != wanted[table])
    if differing:
        raise MigrationError(
            f"these tables of the journal have not the columns of a new one: {', '.join(differing)}"
            ". Nothing was changed. Restore ops/journal.duckdb from a backup, or move it away: "
            "the next run makes a new one, without what was decided and recorded so far."
        )
    enter(connection, "journal", VERSION)
    connection.execute("commit")


def is_current(connection: duckdb.DuckDBPyConnection, tables: str) -> bool:
    """Whether a journal is of this version, with every table and column of a new one."""
    wanted, found = _columns_of_a_new_one(tables), _columns(connection)
    return read_version(connection) == VERSION and all(
        found.get(table) == columns for table, columns in wanted.items()
    )


def enter(connection: duckdb.DuckDBPyConnection, part: str, version: int) -> None:
    """Note since when the journal or the warehouse has a version, once."""
    now = datetime.now(UTC).replace(tzinfo=None)
    connection.execute(
        "insert into ops.schema_versions select * from (values "
        + values_rows([(part, version, now, code_version())])
        + ") where not exists (select 1 from ops.schema_versions "
        f"where part = {literal(part)} and version = {version:d})"
    )


def _columns_of_a_new_one(tables: str) -> dict[str, list[tuple[str, str]]]:
    with connect(Path(":memory:")) as new:
        new.execute(tables)
        return _columns(new)


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str]]]:
    """Columns with their types, by table, in their order."""
    rows = connection.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
        "where database_name = current_database() and not internal order by 1, column_index"
    ).fetchall()
    columns: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in rows:
        columns.setdefault(table, []).append((column, kind))
    return columns
