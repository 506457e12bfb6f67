"""Warehouses that an older Tokui made, brought to today's tables one version at a time.

`STEPS[n]` is the function that takes a warehouse of schema version n to version n + 1. Who raises
`ledger.SCHEMA_VERSION` registers a step here, in a module of its own named after the two versions.
Steps touch what cannot be made again: raw, `pii`, `ledger`, `identity`. The other tables are built
by every run.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion import ledger
from ingestion.engine import connect, literal
from ingestion.errors import ConfigurationError
from ingestion.migrations import v2_to_v3

if TYPE_CHECKING:
    import duckdb

STEPS: dict[int, Callable[[duckdb.DuckDBPyConnection], None]] = {2: v2_to_v3.migrate}

_WHAT_TO_DO = (
    "Nothing was changed. Somebody may have written into the warehouse: restore "
    "current/warehouse.duckdb from a backup, or use the Tokui that made it and report this."
)
_BUILT = ("staging", "intermediate", "marts", "seeds")


class MigrationError(Exception):
    """Tables do not come out of an upgrade as they must; what it began with is untouched."""


def migrate(connection: duckdb.DuckDBPyConnection, profile: str, fingerprint: str) -> int:
    """Take a warehouse, step by step, to `ledger.SCHEMA_VERSION`; the version that it had.

    All of it happens in one transaction. Afterwards every table that cannot be built again has as
    many rows as before, and the columns that a new warehouse has.

    Raises:
        ConfigurationError: the warehouse is not of this profile or key, is newer, or so old that
            there is no step for it.
        MigrationError: rows or columns differ from what they must be.
    """
    owner = ledger.read_owner(connection)
    if owner is None:
        raise ConfigurationError(
            "this file is no warehouse of Tokui: it has no table ledger.identity. Restore "
            "current/warehouse.duckdb from a backup."
        )
    ledger.refuse_other_owner(owner, profile, fingerprint)
    refuse_without_steps(owner.schema_version)
    connection.execute("begin")
    before = _row_counts(connection)
    for version in range(owner.schema_version, ledger.SCHEMA_VERSION):
        STEPS[version](connection)
        connection.execute(f"update ledger.identity set schema_version = {version + 1}")
    ledger.prepare(connection, profile, fingerprint)
    _check_rows(before, _row_counts(connection))
    _check_columns(connection, profile, fingerprint)
    connection.execute("commit")
    return owner.schema_version


def refuse_without_steps(version: int) -> None:
    """Refuse a version that no steps lead on from.

    Raises:
        ConfigurationError: it is newer than this code, or older than the first step.
    """
    if version > ledger.SCHEMA_VERSION:
        ledger.refuse_other_version(version)
    missing = [n for n in range(version, ledger.SCHEMA_VERSION) if n not in STEPS]
    if missing:
        raise ConfigurationError(
            f"this warehouse is of schema version {version}, which cannot be upgraded: steps begin "
            f"at version {min(STEPS)}. Use the Tokui that made it; or set TOKUI_HOME to a new "
            "folder, copy secret.key there, and load all files of the feeds again."
        )


def _row_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows of each table that cannot be built again."""
    names = [f"{schema}.{table}" for schema, table in _tables(connection) if schema not in _BUILT]
    if not names:
        return {}
    counts = " union all ".join(f"select {literal(name)}, count(*) from {name}" for name in names)
    return dict(connection.execute(counts).fetchall())


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return connection.execute(
        "select schema_name, table_name from duckdb_tables() "
        "where database_name = current_database() order by all"
    ).fetchall()


def _check_rows(before: dict[str, int], after: dict[str, int]) -> None:
    differing = [
        f"{name} had {rows:,} rows and has {after.get(name, 0):,}"
        for name, rows in before.items()
        if after.get(name) != rows
    ]
    if differing:
        raise MigrationError(
            f"rows would be lost or doubled: {'; '.join(differing)}. {_WHAT_TO_DO}"
        )


def _check_columns(connection: duckdb.DuckDBPyConnection, profile: str, fingerprint: str) -> None:
    """Rows are written by position: columns must stand in the order of a new warehouse."""
    with connect(Path(":memory:")) as new:
        ledger.prepare(new, profile, fingerprint)
        wanted = _columns(new)
    found = _columns(connection)
    differing = sorted(name for name in wanted if found.get(name) != wanted[name])
    if differing:
        raise MigrationError(
            f"these tables have not the columns of a new warehouse: {', '.join(differing)}. "
            f"{_WHAT_TO_DO}"
        )


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Columns with their types, by table, of the schemas that only ingestion writes."""
    rows = connection.execute(
        "select schema_name || '.' || table_name, "
        "list(column_name || ' ' || data_type order by column_index) from duckdb_columns() "
        "where database_name = current_database() and not internal and "
        "(schema_name in ('pii', 'ledger') or schema_name like 'raw\\_%' escape '\\') group by all"
    ).fetchall()
    return dict(rows)
