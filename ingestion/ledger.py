"""Tables that remember what was loaded, inside the warehouse: they roll back with the run.

`ledger.files` has one row a loaded file, with the settings that it was read by (`format_sha256`),
`ledger.deletions` one row a key that a later snapshot no longer had, `ledger.quarantined_rows` one
row a row that was set aside, with its state (`ingestion.quarantine`), `ledger.applied_decisions`
one row a decision of a person (journal) that this warehouse has heard, `ledger.identity` one row:
whose warehouse this is. All raw and `pii` tables are made here from the contract, so that the
tables of an absent feed exist, empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from baskets import state as basket_state
from identity import ledger as identity_ledger
from ingestion.contract import FEEDS, Kind, all_tables
from ingestion.engine import literal, values_rows
from ingestion.errors import ConfigurationError
from prediction import tables as prediction_tables

if TYPE_CHECKING:
    import duckdb

SCHEMA_VERSION = 3
"""Raised when raw or ledger tables get other columns, or identity keys other values for the same
text; `ingestion.migrations` gets a step with it."""

_LEDGER = """
create schema if not exists ledger;
create table if not exists ledger.files (
    load_id varchar, load_number bigint, feed varchar, table_name varchar, file varchar,
    content_sha256 varchar, sequence varchar, rows_in bigint, rows_unchanged bigint,
    rows_quarantined bigint, rows_stored bigint, loaded_at timestamp, format_sha256 varchar
);
create table if not exists ledger.deletions (
    table_name varchar, row_key varchar, sequence varchar, load_number bigint, load_id varchar
);
create table if not exists ledger.quarantined_rows (
    load_id varchar, load_number bigint, sequence varchar, table_name varchar, file varchar,
    line bigint, reason varchar, row_key varchar, owner varchar, version_at timestamp,
    state varchar
);
create table if not exists ledger.applied_decisions (
    decision_id varchar, load_id varchar, outcome varchar
);
create table if not exists ledger.identity (
    profile varchar, key_fingerprint varchar, schema_version bigint
);
"""


def prepare(connection: duckdb.DuckDBPyConnection, profile: str, fingerprint: str) -> None:
    """Make what is missing, and refuse a warehouse of another profile, key or schema version.

    Raises:
        ConfigurationError: the warehouse belongs to another profile, another key hashed it, or
            another version of Tokui made it.
    """
    connection.execute(_LEDGER)
    for feed in FEEDS.values():
        connection.execute(f"create schema if not exists {feed.dataset}")
    connection.execute("create schema if not exists pii")
    identity_ledger.prepare(connection)
    basket_state.prepare(connection)
    prediction_tables.prepare(connection)
    for table in all_tables():
        connection.execute(_ddl(table.qualified_name, table.raw_columns))
        if table.personal:
            connection.execute(_ddl(f"pii.{table.pii_name}", table.pii_columns))
    _check_identity(connection, profile, fingerprint)


@dataclass(frozen=True)
class Owner:
    """Whose warehouse it is: its profile, the key that hashed it, the version of its tables."""

    profile: str
    key_fingerprint: str
    schema_version: int


def next_load_number(connection: duckdb.DuckDBPyConnection, catalog: str = "warehouse") -> int:
    """Loads are numbered from 1; the number orders arrivals whatever the clock said."""
    row = connection.execute(
        f"select coalesce(max(load_number), 0) + 1 from {catalog}.ledger.files"
    ).fetchone()
    return int(row[0]) if row else 1


@dataclass(frozen=True)
class LoadedFile:
    """A file as the ledger knows it; `counts` is rows in, unchanged, quarantined, stored."""

    file: str
    sha256: str
    sequence: str
    load_number: int
    counts: tuple[int, int, int, int] = (0, 0, 0, 0)


def loaded_files(
    connection: duckdb.DuckDBPyConnection, table: str, catalog: str = "warehouse"
) -> list[LoadedFile]:
    """Files of a table that are loaded already, in order of arrival."""
    rows = connection.execute(
        "select file, content_sha256, sequence, load_number "
        f"from {catalog}.ledger.files where table_name = {literal(table)} "
        "order by load_number, sequence, file"
    ).fetchall()
    return [LoadedFile(*row) for row in rows]


def record_files(
    connection: duckdb.DuckDBPyConnection,
    files: Iterable[LoadedFile],
    *,
    load_id: str,
    feed: str,
    table: str,
    loaded_at: datetime,
    format_sha256: str,
) -> None:
    """Remember the files of a table that were loaded."""
    rows = [
        (
            *(load_id, f.load_number, feed, table, f.file, f.sha256, f.sequence),
            *(*f.counts, loaded_at, format_sha256),
        )
        for f in files
    ]
    connection.execute(f"insert into ledger.files values {values_rows(rows)}")


def record_deletions(
    connection: duckdb.DuckDBPyConnection,
    keys: Iterable[str],
    *,
    load_id: str,
    load_number: int,
    table: str,
    sequence: str,
) -> None:
    """Remember the keys that a snapshot no longer had."""
    rows = [(table, key, sequence, load_number, load_id) for key in keys]
    if rows:
        connection.execute(f"insert into ledger.deletions values {values_rows(rows)}")


def _ddl(name: str, columns: dict[str, Kind]) -> str:
    declared = ", ".join(f"{column} {kind.value}" for column, kind in columns.items())
    return f"create table if not exists {name} ({declared})"


def _check_identity(connection: duckdb.DuckDBPyConnection, profile: str, fingerprint: str) -> None:
    owner = read_owner(connection)
    if owner is None:
        connection.execute(
            "insert into ledger.identity values "
            + values_rows([(profile, fingerprint, SCHEMA_VERSION)])
        )
        return
    refuse_other_owner(owner, profile, fingerprint)
    refuse_other_version(owner.schema_version)


def read_owner(connection: duckdb.DuckDBPyConnection) -> Owner | None:
    """Whose warehouse this is; None for one that no run has made tables in."""
    found = connection.execute(
        "select 1 from duckdb_tables() where database_name = current_database() "
        "and schema_name = 'ledger' and table_name = 'identity'"
    ).fetchone()
    if found is None:
        return None
    row = connection.execute(
        "select profile, key_fingerprint, schema_version from ledger.identity"
    ).fetchone()
    return Owner(*row) if row else None


def refuse_other_owner(owner: Owner, profile: str, fingerprint: str) -> None:
    """Refuse a warehouse of another profile, or hashed with another key.

    Raises:
        ConfigurationError: it is one.
    """
    if owner.profile != profile:
        raise ConfigurationError(
            f'this warehouse belongs to profile "{owner.profile}" and the run is of profile '
            f'"{profile}". Set TOKUI_HOME to a folder of its own for each profile.'
        )
    if owner.key_fingerprint != fingerprint:
        raise ConfigurationError(
            "the secret key is not the one that this warehouse was hashed with. Restore "
            "secret.key, or TOKUI_HASH_KEY, from the backup made with the warehouse."
        )


def refuse_other_version(version: int) -> None:
    """Refuse a warehouse whose tables are of another version than this code works on.

    Raises:
        ConfigurationError: they are; the message says whether to upgrade the one or the other.
    """
    if version > SCHEMA_VERSION:
        raise ConfigurationError(
            "this warehouse was made by a newer Tokui: its tables are of schema version "
            f"{version}, and this one works on {SCHEMA_VERSION}. Update Tokui, or set TOKUI_HOME "
            "to another folder."
        )
    if version < SCHEMA_VERSION:
        raise ConfigurationError(
            "this warehouse was made by an older Tokui: its tables are of schema version "
            f"{version}, and this one works on {SCHEMA_VERSION}. Run `tokui upgrade`; "
            "`tokui upgrade --dry-run` tries it first and changes nothing."
        )
