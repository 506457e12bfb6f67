"""Files that are read again: forgotten with all that was compared with them, and loaded anew.

A file is read again in its old place: with the number and id of the load that first brought it.
Files of the table that came with it or later were compared with its rows, and those that were equal
were not stored; so such files are read again as well, load by load in the old order. The result is
that of a warehouse which had read the file like this at first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from ingestion.contract import Feed, Table, find_table
from ingestion.decisions import ReloadRequest, applied
from ingestion.discovery import FoundFile
from ingestion.engine import connect, literal, values_rows
from ingestion.errors import FileProblemError, HeldFile
from ingestion.feed_report import FeedReport, LoadContext
from ingestion.settings import FeedSettings
from ingestion.table_load import land_table, load, scratch

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class LoadedBefore:
    """A file as the ledger knows it; `unchanged` of its rows were equal to what was there."""

    load_number: int
    load_id: str
    file: str
    sha256: str
    unchanged: int
    loaded_at: datetime


def waiting_requests(feed: Feed, context: LoadContext) -> list[ReloadRequest]:
    """Requests about tables of a feed that the warehouse has not heard yet."""
    tables = {table.qualified_name for table in feed.tables}
    mine = [request for request in context.decisions.reloads if request.table in tables]
    if not mine:
        return []
    with connect(context.warehouse, read_only=True) as connection:
        heard = applied(connection)
    return [request for request in mine if request.decision_id not in heard]


def files_to_read(
    connection: duckdb.DuckDBPyConnection, table: str, file: str, mode: str
) -> list[LoadedBefore]:
    """What must be read again for a file: itself first, then by load and name; empty if unknown.

    A snapshot says what is no longer there, so all that came since are read again. Of changes,
    only files of which rows were left out because they were equal.
    """
    rows = connection.execute(
        "select load_number, load_id, file, content_sha256, rows_unchanged, loaded_at "
        f"from ledger.files where table_name = {literal(table)} order by load_number, file"
    ).fetchall()
    known = [LoadedBefore(*row) for row in rows]
    mine = [one for one in known if one.file == file]
    if not mine:
        return []
    since = [one for one in known if one.load_number >= mine[-1].load_number and one != mine[-1]]
    needed = [one for one in since if mode == "snapshot" or one.unchanged]
    return [mine[-1], *needed]


def missing_files(needed: list[LoadedBefore], there: Iterable[FoundFile]) -> list[str]:
    """Of the files to read, those that the feed's folder no longer has as they were loaded.

    The file that was asked for, the first, may have been mended in its place.
    """
    contents = {file.name: file.sha256 for file in there}
    return [
        one.file
        for number, one in enumerate(needed)
        if one.file not in contents or (number and contents[one.file] != one.sha256)
    ]


def missing_message(file: str, missing: list[str]) -> str:
    """Why a file cannot be read again, and what to do."""
    names = ", ".join(sorted(set(missing)))
    return (
        f"{file} cannot be read again: rows of other files were compared with it, and the feed's "
        f"folder no longer has {names} as loaded. Put {'it' if len(missing) == 1 else 'them'} "
        f"back; or take the request back: tokui reload --withdraw {file}"
    )


def hear_requests(
    requests: list[ReloadRequest],
    feed: Feed,
    settings: FeedSettings,
    context: LoadContext,
    files: list[FoundFile],
    report: FeedReport,
) -> None:
    """Read again what was asked for; a file that is refused holds the feed."""
    for request in requests:
        table = find_table(request.table)
        try:
            outcome = _read_again(request, feed, settings, context, files, report)
        except FileProblemError as problem:
            report.held.append(HeldFile(table.qualified_name, problem.file, str(problem)))
            return
        with connect(context.warehouse) as connection:
            row = values_rows([(request.decision_id, context.load_id, outcome)])
            connection.execute(f"insert into ledger.applied_decisions values {row}")
        report.decided.append(f"{request.table} {request.file}: reload: {outcome}")


def _read_again(
    request: ReloadRequest,
    feed: Feed,
    settings: FeedSettings,
    context: LoadContext,
    files: list[FoundFile],
    report: FeedReport,
) -> str:
    table = find_table(request.table)
    mode = settings.tables[table.name].mode
    there = {file.name: file for file in files if file.table is table}
    with connect(context.warehouse, read_only=True) as connection:
        needed = files_to_read(connection, request.table, request.file, mode)
    if not needed:
        return "the file was not loaded; it is read like any other"
    missing = missing_files(needed, there.values())
    if missing:
        raise FileProblemError(request.file, missing_message(request.file, missing))
    forgotten = _forget(table, needed, context)
    report.tables[table.name].forgotten += forgotten
    in_order = sorted(needed, key=lambda one: (one.load_number, one.file))
    for number, group in groupby(in_order, key=lambda one: one.load_number):
        _load_again(list(group), number, there, table, feed, settings, context, report)
    return f"{forgotten} row(s) forgotten, {len(needed)} file(s) read again"


def _load_again(
    group: list[LoadedBefore],
    number: int,
    there: dict[str, FoundFile],
    table: Table,
    feed: Feed,
    settings: FeedSettings,
    context: LoadContext,
    report: FeedReport,
) -> None:
    first = group[0]
    then = replace(
        context,
        load_id=first.load_id,
        now=first.loaded_at,
        landing_dir=context.landing_dir / f"again_{number}",
    )
    files = [there[one.file] for one in group]
    with scratch(context) as connection:
        landed = land_table(connection, table, settings, then, files, number, report.held)
    load(feed, then, [landed], report, number)


def _forget(table: Table, needed: list[LoadedBefore], context: LoadContext) -> int:
    """Take the files out of raw, `pii` and the ledger; returns how many rows raw lost.

    Decisions about their rows count as not heard: they apply to the rows as they are read now.
    """
    name = literal(table.qualified_name)
    files = values_rows((one.load_id, one.file) for one in needed)
    which = f"(select * from (values {files}) as t (load_id, file))"
    again = {one.file for one in needed}
    decisions = [
        literal(decision.decision_id)
        for decision in context.decisions.rows
        if decision.table == table.qualified_name and decision.file in again
    ]
    with connect(context.warehouse) as connection:
        connection.execute("begin")
        tables = [table.qualified_name] + ([f"pii.{table.pii_name}"] if table.personal else [])
        deleted = [
            connection.execute(f"delete from {one} where (_load_id, _file) in {which}").fetchone()
            for one in tables
        ]
        for one in ("files", "quarantined_rows"):
            connection.execute(
                f"delete from ledger.{one} where table_name = {name} and (load_id, file) in {which}"
            )
        connection.execute(
            f"delete from ledger.deletions where table_name = {name} "
            f"and load_id in (select load_id from {which})"
        )
        if decisions:
            connection.execute(
                "delete from ledger.applied_decisions "
                f"where decision_id in ({', '.join(decisions)})"
            )
        connection.execute("commit")
    return int(deleted[0][0]) if deleted[0] else 0
