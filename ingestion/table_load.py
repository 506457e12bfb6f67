"""New files of one table, read, typed and compared; landed as Parquet, imported, and remembered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion import ledger
from ingestion.contract import Feed, Table
from ingestion.discovery import FoundFile
from ingestion.engine import connect, literal
from ingestion.errors import FileProblemError, HeldFile
from ingestion.feed_report import FeedReport, LoadContext
from ingestion.landing import Landing, QuarantinedRow
from ingestion.loading import load_parquet
from ingestion.quarantine import remember
from ingestion.reading import Reader
from ingestion.settings import FeedSettings
from ingestion.versions import Versions

if TYPE_CHECKING:
    import duckdb


@dataclass
class LandedTable:
    """A table that is landed: its files, its rows new and counted, its deletions."""

    table: Table
    files: list[FoundFile]
    counts: dict[str, tuple[int, int, int, int]]
    deletions: list[str]
    quarantined: list[QuarantinedRow]
    unknown_columns: list[str]
    format_sha256: str

    @property
    def stored(self) -> int:
        return sum(count[3] for count in self.counts.values())


@contextmanager
def scratch(context: LoadContext) -> Iterator[duckdb.DuckDBPyConnection]:
    """A new scratch database, with the warehouse attached for reading as `wh`."""
    path = context.scratch_dir / "scratch.duckdb"
    path.unlink(missing_ok=True)
    with connect(path) as connection:
        connection.execute(f"attach {literal(str(context.warehouse))} as wh (read_only)")
        yield connection


def land_table(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    settings: FeedSettings,
    context: LoadContext,
    files: list[FoundFile],
    load_number: int,
    held: list[HeldFile],
) -> LandedTable:
    """Read files of a table and write what is new in them to the landing folder.

    Args:
        connection: a scratch database with the warehouse attached as `wh`.
        held: every refused file but the last is added; the last is raised.

    Raises:
        FileProblemError: a file is refused.
    """
    given = settings.tables[table.name]
    landing = type_files(connection, table, settings, context, files, held)
    landing.hash_personal_values()
    versions = Versions(connection, table, landing, files, load_number)
    versions.keep_what_is_new()
    deletions = []
    if given.mode == "snapshot":
        deletions = versions.vanished_keys(given.max_vanished_share)
    quarantined = landing.quarantined()
    rows_in, stored = landing.rows_in(), versions.stored_by_file()
    if stored:
        write_parquet(connection, table, versions.new, context.landing_dir)
    counts = {}
    bad_rows = Counter(row.file for row in quarantined)
    for file in files:
        bad = bad_rows[file.name]
        kept = stored.get(file.name, 0)
        total = rows_in[file.name]
        counts[file.name] = (total, total - bad - kept, bad, kept)
    return LandedTable(
        table, files, counts, deletions, quarantined, landing.unknown_columns, given.format.sha256
    )


def type_files(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    settings: FeedSettings,
    context: LoadContext,
    files: list[FoundFile],
    held: list[HeldFile],
) -> Landing:
    """Read and type all files; every file that is refused is named before the last one raises."""
    given = settings.tables[table.name]
    reader = Reader(connection, table, given.format, context.scratch_dir, context.limits)
    landing = Landing(connection, table, context.key, context.load_id, context.now)
    readable, problems = [], []
    for file in files:
        try:
            readable.append(reader.read(file))
        except FileProblemError as problem:
            problems.append(problem)
    _raise_last(table, problems, held)
    reader.stage(readable, lambda part: landing.add(part, given.format))
    landing.set_duplicates_aside()
    problems = landing.refuse_bad_files(settings.max_quarantined_share, table.never_empty)
    _raise_last(table, problems, held)
    return landing


def load(
    feed: Feed,
    context: LoadContext,
    landed: list[LandedTable],
    report: FeedReport,
    load_number: int,
) -> None:
    """Import what was landed and enter it in the ledger.

    The warehouse is opened once: each time that it is closed after a change, it is written out.
    """
    if not landed:
        return
    stored = [one.table for one in landed if one.stored]
    folder = context.landing_dir
    raw = {table.name: (raw_file(folder, table), table.raw_columns) for table in stored}
    pii = {
        table.pii_name: (pii_file(folder, table), table.pii_columns)
        for table in stored
        if table.personal
    }
    working_dir = context.scratch_dir / "dlt"
    with connect(context.warehouse) as connection:
        # Several threads leave groups of rows half full: closing writes them again, half the load.
        connection.execute("set threads = 1")
        if raw:
            context.progress(f"{feed.dataset}: loading {len(raw)} table(s)")
            load_parquet(connection, feed.dataset, raw, working_dir)
        if pii:
            load_parquet(connection, "pii", pii, working_dir)
        for one in landed:
            _record(connection, feed, context, one, load_number)
            _count(one, report)


def write_parquet(
    connection: duckdb.DuckDBPyConnection, table: Table, relation: str, folder: Path
) -> None:
    """Write rows of `relation` (`Versions.new`) as the files of raw and of `pii`."""
    folder.mkdir(parents=True, exist_ok=True)
    raw = ", ".join(table.raw_columns)
    _copy(connection, f"select {raw} from {relation}", raw_file(folder, table))
    if table.personal:
        personal = {column.name for column in table.personal}
        columns = ", ".join(
            f"plain_{name} as {name}" if name in personal or name == "_extra" else name
            for name in table.pii_columns
        )
        _copy(connection, f"select {columns} from {relation}", pii_file(folder, table))


def raw_file(folder: Path, table: Table) -> Path:
    """The landed rows of a raw table."""
    return folder / f"{table.qualified_name}.parquet"


def pii_file(folder: Path, table: Table) -> Path:
    """The landed rows of a table of personal values."""
    return folder / f"pii.{table.pii_name}.parquet"


def _raise_last(table: Table, problems: list[FileProblemError], held: list[HeldFile]) -> None:
    for problem in problems[:-1]:
        held.append(HeldFile(table.qualified_name, problem.file, str(problem)))
    if problems:
        raise problems[-1]


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    # LZ4 makes files as small as Snappy, and takes a third less to write and half to read.
    connection.execute(
        f"copy ({query}) to {literal(str(target))} (format parquet, compression lz4_raw)"
    )


def _record(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    context: LoadContext,
    one: LandedTable,
    load_number: int,
) -> None:
    loaded = [
        ledger.LoadedFile(file.name, file.sha256, file.sequence, load_number, one.counts[file.name])
        for file in one.files
    ]
    table = one.table.qualified_name
    ledger.record_files(
        connection,
        loaded,
        load_id=context.load_id,
        feed=feed.name,
        table=table,
        loaded_at=context.now,
        format_sha256=one.format_sha256,
    )
    ledger.record_deletions(
        connection,
        one.deletions,
        load_id=context.load_id,
        load_number=load_number,
        table=table,
        sequence=max(file.sequence for file in one.files),
    )
    remember(connection, one.quarantined, loaded, context.load_id)


def _count(one: LandedTable, report: FeedReport) -> None:
    counted = report.tables[one.table.name]
    counted.files += len(one.files)
    counted.unknown_columns = sorted({*counted.unknown_columns, *one.unknown_columns})
    counted.deleted += len(one.deletions)
    for rows_in, unchanged, quarantined, stored in one.counts.values():
        counted.rows_in += rows_in
        counted.unchanged += unchanged
        counted.quarantined += quarantined
        counted.stored += stored
    report.quarantined += one.quarantined
