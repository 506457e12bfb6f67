"""`tokui upgrade`: a warehouse and a journal that an older Tokui made, brought to today's tables.

The warehouse is upgraded on a copy in `work/`, checked, and swapped in by one rename; the journal
within one transaction. Killed at any moment, what is current is whole, of the old version or of the
new one, and the next call does what is left. The files of the old version stay beside the new ones
until the next green run.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion import ledger, migrations, personal
from ingestion.engine import connect, literal
from ingestion.errors import ConfigurationError
from ingestion.settings import Settings
from orchestration import journal_schema
from orchestration.home import Home
from orchestration.journal import TABLES, Journal
from orchestration.publication import drop_log, link, sync
from orchestration.run import clone


@dataclass(frozen=True)
class Upgrade:
    """One part that was upgraded: the warehouse or the journal, and where its old file is kept."""

    part: str
    before: int
    after: int
    kept: Path


def refuse_other_versions(home: Home) -> None:
    """Refuse a warehouse or journal that another version of Tokui made, before a run starts.

    Raises:
        ConfigurationError: it is one; the message says what to do.
    """
    owner = owner_of(home)
    if owner is not None:
        ledger.refuse_other_version(owner.schema_version)
    journal_schema.refuse_other_version(Journal(home.journal).version())


def owner_of(home: Home) -> ledger.Owner | None:
    """Whose warehouse the current one is; None before the first green run.

    Raises:
        ConfigurationError: another program holds it open for writing.
    """
    if not home.current.exists():
        return None
    try:
        with connect(home.current, read_only=True) as connection:
            return ledger.read_owner(connection)
    except duckdb.IOException as error:
        raise ConfigurationError(
            f"{home.current} cannot be read. Close the program that has it open; programs that "
            f"only look should open it read-only. {error}"
        ) from error


def upgrade(home: Home, settings: Settings, *, is_dry: bool = False) -> list[Upgrade]:
    """Upgrade what is of an older version; the caller holds the run lock.

    A dry run does the same on copies, checks included, and changes nothing.

    Raises:
        ConfigurationError: the warehouse is not of these settings, newer than this code, or too old
            for it.
        MigrationError: rows or columns would differ from what they must be; nothing is changed.
    """
    scratch = home.work / "upgrade"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        journal = _try_journal(home, scratch)
        warehouse = _upgrade_copy(home, settings, scratch)
        if not is_dry:
            if warehouse is not None:
                _swap(home, scratch, warehouse.kept)
            _upgrade_journal(home, journal)
        return [done for done in (warehouse, journal) if done is not None]
    finally:
        shutil.rmtree(scratch)
        if not any(home.work.iterdir()):
            home.work.rmdir()


def _upgrade_copy(home: Home, settings: Settings, scratch: Path) -> Upgrade | None:
    """The upgraded warehouse in the scratch folder, checked; None when it is of today."""
    owner = owner_of(home)
    if owner is None or owner.schema_version == ledger.SCHEMA_VERSION:
        return None
    # Before the disk is filled with a copy for which there are no steps.
    migrations.refuse_without_steps(owner.schema_version)
    copy = scratch / home.current.name
    clone(home.current, copy)
    key = personal.fingerprint(personal.load_key(home.root, settings.profile))
    with connect(copy) as connection:
        before = migrations.migrate(connection, settings.profile, key)
        connection.execute("checkpoint")
    kept = home.current.with_name(f"warehouse.v{before}.duckdb")
    return Upgrade("warehouse", before, ledger.SCHEMA_VERSION, kept)


def _swap(home: Home, scratch: Path, kept: Path) -> None:
    """Make the upgraded copy the current warehouse, the old one keeping a name of its own."""
    copy = scratch / home.current.name
    sync(copy)
    link(home.current, kept)
    drop_log(home.current)
    os.replace(copy, home.current)
    sync(home.current.parent)


def _try_journal(home: Home, scratch: Path) -> Upgrade | None:
    """Upgrade a copy of the journal; None when there is nothing to upgrade."""
    if not home.journal.exists():
        return None
    copy = scratch / home.journal.name
    with Journal(home.journal).open() as connection:
        before = journal_schema.read_version(connection)
        if before is None or journal_schema.is_current(connection, TABLES):
            return None
        if before > journal_schema.VERSION:
            journal_schema.refuse_other_version(before)
        _copy_database(connection, copy)
    with connect(copy) as connection:
        journal_schema.upgrade(connection, TABLES)
    kept = home.journal.with_name(f"journal.v{before}.duckdb")
    return Upgrade("journal", before, journal_schema.VERSION, kept)


def _upgrade_journal(home: Home, planned: Upgrade | None) -> None:
    """Upgrade the journal in place, and enter there since when the warehouse has its version."""
    if not home.journal.exists():
        return
    owner = owner_of(home)
    with Journal(home.journal).open() as connection:
        if planned is not None:
            _copy_database(connection, planned.kept)
            journal_schema.upgrade(connection, TABLES)
        if owner is not None:
            journal_schema.enter(connection, "warehouse", owner.schema_version)


def _copy_database(connection: duckdb.DuckDBPyConnection, target: Path) -> None:
    """Copy the database that a connection holds, under one name when it is whole.

    By the engine: opening the file beside it would give up the engine's lock on it.
    """
    temporary = target.with_suffix(".tmp")
    temporary.unlink(missing_ok=True)
    row = connection.execute("select current_database()").fetchone()
    assert row is not None
    connection.execute(f"attach {literal(str(temporary))} as copied")
    connection.execute(f"copy from database {row[0]} to copied")
    connection.execute("detach copied")
    sync(temporary)
    os.replace(temporary, target)
    sync(target.parent)
