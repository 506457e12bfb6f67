"""Rows of the quarantine, typed and checked again by the code that types files.

Beyond what a file's row must fulfil, a released row must not double a key of its file, and must not
tear the set of a receipt apart.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.contract import Table
from ingestion.decisions import RowDecision
from ingestion.engine import literal, values_rows
from ingestion.feed_report import LoadContext
from ingestion.landing import TWICE, Landing
from ingestion.reading import Layout, Part
from ingestion.row_text import owner_of
from ingestion.settings import DATE_FORMATS, FeedSettings, FileFormat
from ingestion.table_load import scratch, write_parquet
from ingestion.versions import Versions

if TYPE_CHECKING:
    import duckdb

NOT_SPLIT = (
    "the row could not be split into columns, so nothing can be set in it. Mend the file and "
    "deliver it again, or discard the row"
)
SET_IS_ELSEWHERE = (
    "the other rows of its receipt are not stored with this file. Have the whole file read again "
    "after mending it: tokui reload FILE"
)


@dataclass(frozen=True)
class Aside:
    """A row as the ledger knows it."""

    load_id: str
    state: str
    owner: str | None


@dataclass
class Release:
    """A decision to release and the row it points at; `problem` once it is known to be bad."""

    decision: RowDecision
    aside: Aside
    problem: str = ""


def is_whole(payload: str) -> bool:
    """Whether a row in quarantine was split into columns, so that it can be released."""
    try:
        return isinstance(json.loads(payload), dict)
    except ValueError:
        return False


def retype(
    table: Table,
    settings: FeedSettings,
    context: LoadContext,
    load_id: str,
    releases: list[Release],
) -> None:
    """Type the rows of one load again; the good ones are written, the others know why not."""
    given = settings.tables[table.name].format
    for one in releases:
        one.problem = "" if is_whole(one.decision.payload) else NOT_SPLIT
    releases = [one for one in releases if not one.problem]
    if not releases:
        return
    with scratch(context) as connection:
        landing = Landing(connection, table, context.key, load_id, context.now)
        part = _stage(connection, table, given, releases)
        landing.add(part, _format_of_payloads(given))
        landing.set_duplicates_aside()
        _refuse_known_keys(connection, table, landing, load_id, releases)
        _refuse_torn_sets(connection, table, landing, load_id, releases)
        bad = {(row.file, row.line): row.reason for row in landing.quarantined()}
        for one in releases:
            one.problem = bad.get((one.decision.file, one.decision.line), "")
        landing.hash_personal_values()
        versions = Versions(connection, table, landing, [], 0)
        versions.keep_all()
        write_parquet(connection, table, versions.new, released_folder(context))


def released_folder(context: LoadContext) -> Path:
    """Where the good ones are written, as Parquet."""
    return context.scratch_dir / "released"


def _stage(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    given: FileFormat,
    releases: list[Release],
) -> Part:
    """The rows as lines of JSON by the contract's names, with what is to be set in them."""
    rows = []
    for one in releases:
        words = {
            name: given.values.get(name, {}).get(value, value) or None
            for name, value in one.decision.changes.items()
        }
        changes = json.dumps(words, ensure_ascii=False)
        rows.append((one.decision.payload, changes, one.decision.file, one.decision.line))
    connection.execute(
        "create temp table released_rows as select cast(json_merge_patch(payload, changes) as "
        "varchar) as line, file as _file, cast(line_number as bigint) as _line "
        f"from (values {values_rows(rows)}) as t (payload, changes, file, line_number)"
    )
    columns = tuple((column.name, column.name) for column in table.columns)
    files = sorted({one.decision.file for one in releases})
    return Part("released_rows", Layout(".jsonl", 1, columns, ()), files)


def _format_of_payloads(given: FileFormat) -> FileFormat:
    """Payloads have the contract's columns and words already, and good dates in ISO."""
    return replace(given, columns={}, values={}, date_formats=(*given.date_formats, *DATE_FORMATS))


def _refuse_known_keys(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    landing: Landing,
    load_id: str,
    releases: list[Release],
) -> None:
    """A key stands once in a file: that of a row that was stored, or was a repetition then."""
    identity = [*table.key, *([table.version_at] if table.version_at else [])]
    same = " and ".join(f"r.{name} is not distinct from t.{name}" for name in identity)
    connection.execute(
        f"update {landing.typed} as t set _problem = {literal(TWICE)} where _problem is null and "
        f"exists (select 1 from wh.{table.qualified_name} r where r._load_id = "
        f"{literal(load_id)} and r._file = t._file and {same})"
    )
    doubled = [
        one
        for one in releases
        if one.decision.reason == TWICE and not set(one.decision.changes) & set(identity)
    ]
    _refuse(connection, landing, doubled, TWICE, "true")


def _refuse_torn_sets(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    landing: Landing,
    load_id: str,
    releases: list[Release],
) -> None:
    """A line whose receipt was not known then: its set may have been a repetition, not stored.

    Where the receipt was known, ingestion stored the whole set (`ingestion.versions`).
    """
    if not table.parent_key:
        return
    unknown = [
        one
        for one in releases
        if one.aside.owner is None or table.parent_key in one.decision.changes
    ]
    raw = f"select 1 from wh.{table.qualified_name} r where {owner_of(table, 'r.')}"
    mine = f"r._load_id = {literal(load_id)} and r._file = t._file"
    condition = (
        f"exists ({raw} = {owner_of(table, 't.')}) "
        f"and not exists ({raw} = {owner_of(table, 't.')} and {mine})"
    )
    _refuse(connection, landing, unknown, SET_IS_ELSEWHERE, condition)


def _refuse(
    connection: duckdb.DuckDBPyConnection,
    landing: Landing,
    releases: list[Release],
    problem: str,
    condition: str,
) -> None:
    if not releases:
        return
    rows = values_rows((one.decision.file, one.decision.line) for one in releases)
    connection.execute(
        f"update {landing.typed} as t set _problem = {literal(problem)} where _problem is null "
        f"and (_file, _line) in (select * from (values {rows}) as v (file, line)) "
        f"and {condition}"
    )
