"""A file tried against the contract and the feed's settings; nothing is loaded."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ingestion.contract import FEEDS, Table, find_table
from ingestion.discovery import FoundFile, fetch, table_of
from ingestion.engine import connect, literal
from ingestion.errors import ConfigurationError, FileProblemError
from ingestion.feed_report import LoadContext
from ingestion.landing import QuarantinedRow
from ingestion.settings import Settings
from ingestion.table_load import type_files


@dataclass
class FileCheck:
    """What a run would make of a file: `problem` refuses it, rows `aside` go to quarantine.

    `known_as` is the loaded file of the same content, if any. `absent_columns` are optional ones.
    """

    name: str
    table: Table
    rows: int = 0
    aside: list[QuarantinedRow] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)
    absent_columns: list[str] = field(default_factory=list)
    known_as: str = ""
    problem: str = ""


def check_file(
    path: Path, table_name: str | None, settings: Settings, warehouse: Path, now: datetime
) -> FileCheck:
    """Read and type a file as its feed would, in a folder of its own.

    Args:
        table_name: as in `raw_pos.receipts`; by default what the file's name says.
        warehouse: the current warehouse, which knows what is loaded; it need not exist.
        now: the run's clock, in UTC; what happened more than a year after it is unreadable.

    Raises:
        ConfigurationError: there is no such file or table, or its name belongs to no table.
    """
    if not path.is_file():
        raise ConfigurationError(f"{path}: there is no such file.")
    table, name = _table_and_name(path.absolute(), table_name, settings)
    check = FileCheck(name, table)
    with tempfile.TemporaryDirectory(prefix="tokui-check-") as folder:
        stat = path.stat()
        found = FoundFile(
            table, name, f"file://{path.absolute()}", stat.st_size, str(stat.st_mtime)
        )
        try:
            file = fetch(found, Path(folder))
            check.known_as = _known_as(file, warehouse)
            _try(check, file, settings, Path(folder), now)
        except FileProblemError as problem:
            check.problem = str(problem)
    return check


def _try(
    check: FileCheck, file: FoundFile, settings: Settings, folder: Path, now: datetime
) -> None:
    feed = settings.feeds[check.table.feed_name]
    context = LoadContext(folder, folder, folder, "check", b"", now, limits=settings.limits)
    with connect(folder / "check.duckdb") as connection:
        landing = type_files(connection, check.table, feed, context, [file], [])
        check.rows = landing.rows_in()[file.name]
        check.aside = landing.quarantined()
        check.unknown_columns = landing.unknown_columns
        check.absent_columns = landing.absent_columns


def _table_and_name(path: Path, table_name: str | None, settings: Settings) -> tuple[Table, str]:
    """The table of a file and its name below the feed's folder, or its bare name."""
    if table_name is not None:
        try:
            table = find_table(table_name)
        except KeyError:
            raise ConfigurationError(
                f"--table {table_name}: the contract has no such table; one is raw_pos.receipts."
            ) from None
        return table, _name_in(path, settings.feeds[table.feed_name].path)
    found = []
    for feed in FEEDS.values():
        given = settings.feeds[feed.name]
        name = _name_in(path, given.path)
        table = table_of(feed, given, name)
        if table is not None:
            found.append((name != path.name, table, name))
    inside = [one for one in found if one[0]] or found
    if len(inside) != 1:
        tables = ", ".join(table.qualified_name for _, table, _ in inside)
        raise ConfigurationError(
            f"{path.name}: its name "
            + (f"could belong to {tables}" if inside else "belongs to no table of the contract")
            + ". Say which: --table raw_pos.receipts"
        )
    return inside[0][1:]


def _name_in(path: Path, folder: str | None) -> str:
    if folder is not None and "://" not in folder and path.is_relative_to(Path(folder).absolute()):
        return path.relative_to(Path(folder).absolute()).as_posix()
    return path.name


def _known_as(file: FoundFile, warehouse: Path) -> str:
    if not warehouse.exists():
        return ""
    with connect(warehouse, read_only=True) as connection:
        row = connection.execute(
            "select file from ledger.files "
            f"where table_name = {literal(file.table.qualified_name)} "
            f"and content_sha256 = {literal(file.sha256)} limit 1"
        ).fetchone()
    return row[0] if row else ""
