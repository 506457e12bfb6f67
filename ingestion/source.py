"""One feed, from its folder into a warehouse: the whole of ingestion in the order that it happens.

All files of all tables are read, checked and landed before the first row is loaded: a feed arrives
whole or not at all. What people decided about rows in quarantine is heard after that, files that
they asked for again are read before.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator

import duckdb

from ingestion import ledger
from ingestion.contract import FEEDS, Feed, Table
from ingestion.decisions import ReloadRequest
from ingestion.discovery import FoundFile, discover, fetch
from ingestion.engine import connect, share_out_threads
from ingestion.errors import FeedStoppedError, FileProblemError, HeldFile
from ingestion.feed_report import FeedReport, LoadContext, TableReport
from ingestion.quarantine import note_corrected
from ingestion.release import hear_decisions
from ingestion.reload import hear_requests, waiting_requests
from ingestion.settings import FeedSettings
from ingestion.table_load import LandedTable, land_table, load, pii_file, raw_file, scratch


def load_feed(name: str, settings: FeedSettings, context: LoadContext) -> FeedReport:
    """Load what is new of a feed into `context.warehouse`.

    Raises:
        FeedStoppedError: a file is refused and the feed's setting is to stop.
        ConfigurationError: the feed's folder cannot be reached.
    """
    feed = FEEDS[name]
    report = FeedReport(name, {t.name: TableReport(t.qualified_name) for t in feed.tables})
    found = discover(feed, settings, context.progress)
    report.unfinished, report.unrecognised = found.unfinished, found.unrecognised
    context.scratch_dir.mkdir(parents=True, exist_ok=True)
    try:
        files = _fetch(found.files, context, report)
        requests = waiting_requests(feed, context)
        with _taken_back_if_held(context, report, requests):
            if requests and not report.held:
                hear_requests(requests, feed, settings, context, files, report)
            if not (requests and report.held):
                _load_new(feed, settings, context, files, report)
        if report.held and settings.on_failure == "stop":
            raise FeedStoppedError(name, report.held)
    finally:
        shutil.rmtree(context.scratch_dir, ignore_errors=True)
    return report


def _load_new(
    feed: Feed,
    settings: FeedSettings,
    context: LoadContext,
    files: list[FoundFile],
    report: FeedReport,
) -> None:
    landed = _land_feed(feed, settings, context, files, report)
    if report.held:
        _discard(context, landed)
        return
    with connect(context.warehouse, read_only=True) as connection:
        load_number = ledger.next_load_number(connection)
    load(feed, context, landed, report, load_number)
    hear_decisions(feed, settings, context, report)
    note_corrected(feed, context.warehouse)


@contextlib.contextmanager
def _taken_back_if_held(
    context: LoadContext, report: FeedReport, requests: list[ReloadRequest]
) -> Iterator[None]:
    """A feed that is held stays at its last state: files that were read again are taken back."""
    if not requests:
        yield
        return
    before = context.scratch_dir / "before.duckdb"
    shutil.copyfile(context.warehouse, before)
    yield
    if report.held:
        os.replace(before, context.warehouse)
        for name in report.tables:
            report.tables[name] = TableReport(report.tables[name].table)
        report.quarantined.clear()
        report.decided.clear()


def _fetch(files: list[FoundFile], context: LoadContext, report: FeedReport) -> list[FoundFile]:
    fetched = []
    for file in files:
        try:
            fetched.append(fetch(file, context.scratch_dir / "fetched", context.progress))
        except FileProblemError as problem:
            report.held.append(HeldFile(file.table.qualified_name, file.name, str(problem)))
    return fetched


def _discard(context: LoadContext, landed: list[LandedTable]) -> None:
    """Take back what was landed of a held feed: what lies in landing was loaded."""
    for one in landed:
        raw_file(context.landing_dir, one.table).unlink(missing_ok=True)
        pii_file(context.landing_dir, one.table).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        context.landing_dir.rmdir()


def _land_feed(
    feed: Feed,
    settings: FeedSettings,
    context: LoadContext,
    files: list[FoundFile],
    report: FeedReport,
) -> list[LandedTable]:
    landed = []
    with scratch(context) as connection:
        load_number = ledger.next_load_number(connection, "wh")
        arriving = [
            (table, _new_files(connection, table, settings.tables[table.name].mode, files, report))
            for table in feed.tables
        ]
        size = sum(file.size for _, new in arriving for file in new)
        share_out_threads(connection, context.warehouse, size)
        for table, new in arriving:
            if not new:
                continue
            context.progress(f"{table.qualified_name}: {len(new)} new file(s)")
            try:
                one = land_table(
                    connection, table, settings, context, new, load_number, report.held
                )
            except FileProblemError as problem:
                report.held.append(HeldFile(table.qualified_name, problem.file, str(problem)))
            else:
                landed.append(one)
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
