"""One feed, from its folder into a warehouse: the whole of ingestion in the order that it happens.

All files of all tables are read, checked and landed before the first row is loaded: a feed arrives
whole or not at all.
"""

from __future__ import annotations

import contextlib
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion import ledger
from ingestion.contract import FEEDS, Feed, Table
from ingestion.discovery import FoundFile, discover, fetch
from ingestion.engine import connect, literal
from ingestion.errors import FeedStoppedError, FileProblemError, HeldFile
from ingestion.landing import Landing, QuarantinedRow
from ingestion.loading import load_parquet
from ingestion.reading import Reader
from ingestion.settings import FeedSettings
from ingestion.versions import Versions


@dataclass
class TableReport:
    """What one run did with one table, in rows and files."""

    table: str
    files: int = 0
    files_known: int = 0
    rows_in: int = 0
    unchanged: int = 0
    quarantined: int = 0
    stored: int = 0
    deleted: int = 0
    unknown_columns: list[str] = field(default_factory=list)


@dataclass
class FeedReport:
    """What one run did with one feed. `held` is empty unless the feed stays at its last state."""

    feed: str
    tables: dict[str, TableReport]
    quarantined: list[QuarantinedRow] = field(default_factory=list)
    held: list[HeldFile] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    unrecognised: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class LoadContext:
    """Where a load happens: the warehouse copy, the run's folders, its id, its key, its clock."""

    warehouse: Path
    landing_dir: Path
    scratch_dir: Path
    load_id: str
    key: bytes
    now: datetime
    progress: Callable[[str], None] = lambda message: None


@dataclass
class _Landed:
    """A table that is landed: its files, its rows new and counted, its deletions."""

    table: Table
    files: list[FoundFile]
    counts: dict[str, tuple[int, int, int, int]]
    deletions: list[str]
    quarantined: list[QuarantinedRow]
    unknown_columns: list[str]


def load_feed(name: str, settings: FeedSettings, context: LoadContext) -> FeedReport:
    """Load what is new of a feed into `context.warehouse`.

    Raises:
        FeedStoppedError: a file is refused and the feed's setting is to stop.
        ConfigurationError: the feed's folder cannot be reached.
    """
    feed = FEEDS[name]
    report = FeedReport(name, {t.name: TableReport(t.qualified_name) for t in feed.tables})
    found = discover(feed, settings)
    report.unfinished, report.unrecognised = found.unfinished, found.unrecognised
    try:
        files = _fetch(found.files, context, report)
        landed = _land_feed(feed, settings, context, files, report)
        if report.held:
            _discard(context, landed)
        if report.held and settings.on_failure == "stop":
            raise FeedStoppedError(name, report.held)
        if not report.held:
            _load(feed, context, landed, report)
    finally:
        shutil.rmtree(context.scratch_dir, ignore_errors=True)
    return report


def _fetch(files: list[FoundFile], context: LoadContext, report: FeedReport) -> list[FoundFile]:
    fetched = []
    for file in files:
        try:
            fetched.append(fetch(file, context.scratch_dir / "fetched"))
        except FileProblemError as problem:
            report.held.append(HeldFile(file.table.qualified_name, file.name, str(problem)))
    return fetched


def _discard(context: LoadContext, landed: list[_Landed]) -> None:
    """Take back what was landed of a held feed: what lies in landing was loaded."""
    for one in landed:
        _raw_file(context, one.table).unlink(missing_ok=True)
        _pii_file(context, one.table).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        context.landing_dir.rmdir()


def _land_feed(
    feed: Feed,
    settings: FeedSettings,
    context: LoadContext,
    files: list[FoundFile],
    report: FeedReport,
) -> list[_Landed]:
    context.scratch_dir.mkdir(parents=True, exist_ok=True)
    landed = []
    with connect(context.scratch_dir / "scratch.duckdb") as connection:
        connection.execute(f"attach {literal(str(context.warehouse))} as wh (read_only)")
        load_number = ledger.next_load_number(connection, "wh")
        for table in feed.tables:
            mode = settings.tables[table.name].mode
            new = _new_files(connection, table, mode, files, report)
            if not new:
                continue
            context.progress(f"{table.qualified_name}: {len(new)} new file(s)")
            try:
                one = _land_table(connection, table, settings, context, new, load_number, report)
            except FileProblemError as problem:
                report.held.append(HeldFile(table.qualified_name, problem.file, str(problem)))
            else:
                landed.append(one)
                report.quarantined += one.quarantined
    return landed


def _new_files(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    mode: str,
    files: list[FoundFile],
    report: FeedReport,
) -> list[FoundFile]:
    """Files of a table whose content is not loaded yet; of equal files the first."""
    history = ledger.loaded_files(connection, table.qualified_name, "wh")
    number = max((file.load_number for file in history), default=0) + 1
    has_own_order = table.version_at is not None and mode == "delta"
    new = []
    for file in files:
        if file.table is not table:
            continue
        if _is_known(file, history, has_own_order):
            report.tables[table.name].files_known += 1
        else:
            history.append(ledger.LoadedFile(file.name, file.sha256, file.sequence, number))
            new.append(file)
    return new


def _is_known(file: FoundFile, history: list[ledger.LoadedFile], has_own_order: bool) -> bool:
    """Whether a file says nothing that its table has not heard.

    Where rows carry no version of their own and other files came since, equal content is news: a
    price that was raised and then set back. Not so for a copy, which has the name of no loaded file
    and no later date.
    """
    equal = [loaded for loaded in history if loaded.sha256 == file.sha256]
    if not equal or has_own_order:
        return bool(equal)
    same_name = [loaded for loaded in history if loaded.file == file.name]
    if same_name:
        return same_name[-1].sha256 == file.sha256
    newest = max((loaded.sequence, loaded.load_number) for loaded in equal)
    others_since = any((loaded.sequence, loaded.load_number) > newest for loaded in history)
    return not others_since or file.sequence <= newest[0]


def _land_table(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    settings: FeedSettings,
    context: LoadContext,
    files: list[FoundFile],
    load_number: int,
    report: FeedReport,
) -> _Landed:
    given = settings.tables[table.name]
    landing = _type_rows(connection, table, settings, context, files, report)
    landing.hash_personal_values()
    versions = Versions(connection, table, landing, files, load_number)
    versions.keep_what_is_new()
    deletions = []
    if given.mode == "snapshot":
        deletions = versions.vanished_keys(given.max_vanished_share)
    quarantined = landing.quarantined()
    rows_in, stored = landing.rows_in(), versions.stored_by_file()
    if stored:
        _write_parquet(connection, table, versions, context)
    counts = {}
    bad_rows = Counter(row.file for row in quarantined)
    for file in files:
        bad = bad_rows[file.name]
        kept = stored.get(file.name, 0)
        total = rows_in[file.name]
        counts[file.name] = (total, total - bad - kept, bad, kept)
    return _Landed(table, files, counts, deletions, quarantined, landing.unknown_columns)


def _type_rows(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    settings: FeedSettings,
    context: LoadContext,
    files: list[FoundFile],
    report: FeedReport,
) -> Landing:
    """Read and type all files; every file that is refused is named before the last one raises."""
    given = settings.tables[table.name]
    reader = Reader(connection, table, given.format, context.scratch_dir)
    landing = Landing(connection, table, context.key, context.load_id)
    readable, problems = [], []
    for file in files:
        try:
            readable.append((file, *reader.read(file)))
        except FileProblemError as problem:
            problems.append(problem)
    _raise_last(table, problems, report)
    for part in reader.stage(readable):
        landing.add(part, given.format)
    landing.set_duplicates_aside()
    problems = landing.refuse_bad_files(settings.max_quarantined_share, table.never_empty)
    _raise_last(table, problems, report)
    return landing


def _raise_last(table: Table, problems: list[FileProblemError], report: FeedReport) -> None:
    for problem in problems[:-1]:
        report.held.append(HeldFile(table.qualified_name, problem.file, str(problem)))
    if problems:
        raise problems[-1]


def _write_parquet(
    connection: duckdb.DuckDBPyConnection, table: Table, versions: Versions, context: LoadContext
) -> None:
    context.landing_dir.mkdir(parents=True, exist_ok=True)
    raw = ", ".join(table.raw_columns)
    _copy(connection, f"select {raw} from {versions.new}", _raw_file(context, table))
    if table.personal:
        personal = {column.name for column in table.personal}
        columns = ", ".join(
            f"plain_{name} as {name}" if name in personal or name == "_extra" else name
            for name in table.pii_columns
        )
        _copy(connection, f"select {columns} from {versions.new}", _pii_file(context, table))


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    connection.execute(f"copy ({query}) to {literal(str(target))} (format parquet)")


def _raw_file(context: LoadContext, table: Table) -> Path:
    return context.landing_dir / f"{table.qualified_name}.parquet"


def _pii_file(context: LoadContext, table: Table) -> Path:
    return context.landing_dir / f"pii.{table.pii_name}.parquet"


def _load(feed: Feed, context: LoadContext, landed: list[_Landed], report: FeedReport) -> None:
    """Import what was landed and enter it in the ledger."""
    stored = [one for one in landed if sum(count[3] for count in one.counts.values())]
    raw = {one.table.name: (_raw_file(context, one.table), one.table.raw_columns) for one in stored}
    pii = {
        one.table.pii_name: (_pii_file(context, one.table), one.table.pii_columns)
        for one in stored
        if one.table.personal
    }
    working_dir = context.scratch_dir / "dlt"
    if raw:
        context.progress(f"{feed.dataset}: loading {len(raw)} table(s)")
        load_parquet(context.warehouse, feed.dataset, raw, working_dir)
    if pii:
        load_parquet(context.warehouse, "pii", pii, working_dir)
    with connect(context.warehouse) as connection:
        load_number = ledger.next_load_number(connection)
        for one in landed:
            _record(connection, feed, context, one, load_number)
            _count(one, report)


def _record(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    context: LoadContext,
    one: _Landed,
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
    )
    ledger.record_deletions(
        connection,
        one.deletions,
        load_id=context.load_id,
        load_number=load_number,
        table=table,
        sequence=max(file.sequence for file in one.files),
    )


def _count(one: _Landed, report: FeedReport) -> None:
    counted = report.tables[one.table.name]
    counted.files = len(one.files)
    counted.unknown_columns = one.unknown_columns
    counted.deleted = len(one.deletions)
    for rows_in, unchanged, quarantined, stored in one.counts.values():
        counted.rows_in += rows_in
        counted.unchanged += unchanged
        counted.quarantined += quarantined
        counted.stored += stored
