"""The file of the marts: `crm.duckdb`, which a run builds beside its warehouse and publishes.

A run begins with a copy of the published file, if that is surely the one that was made with its
warehouse: kept marts go on from it. The other tables are dropped before the marts are built, and
what is built takes their room, so that the file does not grow from night to night.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

import duckdb

from ingestion.engine import MARTS, connect, literal
from orchestration.home import Home

_HEADERS = 3 * 4096
"""Bytes at the start of a DuckDB file; whatever is written into it changes them."""


def fingerprint(file: Path) -> str:
    """Tells one state of a DuckDB file from every other, copies of it not."""
    with file.open("rb") as stream:
        headers = hashlib.sha256(stream.read(_HEADERS)).hexdigest()
    return f"{file.stat().st_size}-{headers}"


def remember(connection: duckdb.DuckDBPyConnection, version: str, file: Path | None = None) -> None:
    """Note in a warehouse which version, and which file of marts, was made with it.

    Without a file the published one serves the warehouse on, as far as it is known.
    """
    if file is not None:
        marts = fingerprint(file)
    else:
        is_known = _remembered(connection, "version") == version
        marts = _remembered(connection, "marts") if is_known else None
    connection.execute(
        f"create or replace table ledger.publication as select {literal(version)} as version, "
        f"cast({literal(marts)} as varchar) as marts"
    )


def version_of(warehouse: Path) -> str | None:
    """The version that was made of a warehouse; None where none was."""
    with connect(warehouse, read_only=True) as connection:
        return _remembered(connection, "version")


def of_current(home: Home) -> Path | None:
    """The file with the marts of the current warehouse; None before the first publication."""
    return _file_of(home, version_of(home.current)) if home.current.exists() else None


def as_it_was_made(home: Home) -> Path | None:
    """The same, if nobody wrote into it since; None in any doubt."""
    if not home.current.exists():
        return None
    with connect(home.current, read_only=True) as connection:
        version, marts = (_remembered(connection, name) for name in ("version", "marts"))
    file = _file_of(home, version)
    return file if file is not None and marts == fingerprint(file) else None


def begin(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what a run makes anew: notes on the publication, and marts within the warehouse, where
    runs of older versions built them."""
    connection.execute(f"drop schema if exists {MARTS}.ops cascade")
    connection.execute("drop schema if exists warehouse.marts cascade")


def drop_all_but(connection: duckdb.DuckDBPyConnection, names: Collection[str]) -> None:
    """Drop the other tables, and free their room for those that are built next."""
    rows = connection.execute(
        "select table_name from duckdb_tables() "
        f"where database_name = {literal(MARTS)} and schema_name = 'marts'"
    ).fetchall()
    others = [name for (name,) in rows if name not in names]
    for name in others:
        connection.execute(f'drop table {MARTS}.marts."{name}"')
    if others:
        connection.execute(f"checkpoint {MARTS}")


def _file_of(home: Home, version: str | None) -> Path | None:
    found = home.versions / version / home.served.name if version else home.served
    return next((file for file in (found, home.served) if file.exists()), None)


def _remembered(connection: duckdb.DuckDBPyConnection, column: str) -> str | None:
    """A column of the note in a warehouse; None where an older version left none."""
    try:
        row = connection.execute(f"select {column} from ledger.publication").fetchone()
    except (duckdb.CatalogException, duckdb.BinderException):
        return None
    return row[0] if row else None
