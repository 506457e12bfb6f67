"""The journal: what happened in every run, kept outside the run's transaction.

A run that fails is discarded, its entries here are not. Schema `ops` holds runs, steps, check
results, row accounting, quarantined rows and the decisions of people; the text of a quarantined
row, and what a person sets in it, may be personal and stand in schema `pii`. Decisions are only
ever added: which of them a warehouse has heard stands in its `ledger.applied_decisions`, and rolls
back with the run.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from expectations.messages import explain
from ingestion.engine import connect, literal
from orchestration import journal_schema

if TYPE_CHECKING:
    from expectations.model import CheckResult
    from ingestion.landing import QuarantinedRow
    from ingestion.source import FeedReport

_BUSY_SECONDS = 30.0

TABLES = """
create schema if not exists ops;
create schema if not exists pii;
create table if not exists ops.runs (
    run_id varchar primary key, profile varchar, started_at timestamp, finished_at timestamp,
    status varchar, as_of_date date, version varchar, message varchar
);
create table if not exists ops.steps (
    run_id varchar, step varchar, started_at timestamp, wall_seconds double, cpu_seconds double,
    peak_memory_mib double
);
create table if not exists ops.check_results (
    run_id varchar, layer varchar, suite varchar, expectation varchar, severity varchar,
    passed boolean, observed varchar, threshold varchar, unexpected_count bigint, as_of_date date,
    examples varchar, explanation varchar, accepted boolean, acceptance_id varchar
);
create table if not exists ops.row_accounting (
    run_id varchar, feed varchar, table_name varchar, files bigint, files_known bigint,
    rows_in bigint, rows_unchanged bigint, rows_quarantined bigint, rows_stored bigint,
    rows_deleted bigint, rows_released bigint, rows_discarded bigint, rows_forgotten bigint
);
create table if not exists ops.held_files (
    run_id varchar, feed varchar, table_name varchar, file varchar, message varchar
);
create table if not exists ops.quarantined_rows (
    table_name varchar, file varchar, line bigint, reason varchar, first_run_id varchar,
    seen_at timestamp, primary key (table_name, file, line, reason)
);
create table if not exists pii.quarantined_payloads (
    table_name varchar, file varchar, line bigint, reason varchar, payload varchar,
    primary key (table_name, file, line, reason)
);
create table if not exists ops.gate_acceptances (
    acceptance_id varchar primary key, suite varchar, expectation varchar, as_of_date date,
    reason varchar, decided_by varchar, decided_at timestamp, withdrawn_at timestamp
);
create table if not exists ops.accepted_rows (acceptance_id varchar, row_id varchar);
create table if not exists ops.quarantine_decisions (
    decision_id varchar primary key, table_name varchar, file varchar, line bigint,
    action varchar, note varchar, decided_by varchar, decided_at timestamp
);
create table if not exists pii.quarantine_changes (
    decision_id varchar, column_name varchar, value varchar
);
create table if not exists ops.reload_requests (
    decision_id varchar primary key, feed varchar, table_name varchar, file varchar,
    action varchar, decided_by varchar, decided_at timestamp
);
create table if not exists ops.schema_versions (
    part varchar, version bigint, since timestamp, code_version varchar
);
create table if not exists ops.list_exports (
    export_id varchar primary key, exported_at timestamp, exported_by varchar, role varchar,
    list_kind varchar, list_id varchar, recipe_hash varchar, purpose varchar, channel varchar,
    campaign_id varchar, version varchar, candidates bigint, rows_written bigint,
    file_sha256 varchar
);
create table if not exists ops.list_export_refusals (
    export_id varchar, reason varchar, refused_rows bigint
);
"""


@dataclass(frozen=True)
class RunRow:
    """One run as the journal knows it."""

    run_id: str
    profile: str
    started_at: datetime
    finished_at: datetime | None
    status: str
    as_of_date: date | None
    version: str | None
    message: str | None


class Journal:
    """Reads and writes the journal with short connections, so that readers never block a run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def start_run(self, run_id: str, profile: str, now: datetime) -> None:
        """Enter a run, or set a run that is executed again back to running."""
        self.write(
            "insert into ops.runs values (?, ?, ?, null, 'running', null, null, null) "
            "on conflict (run_id) do update set status = 'running', finished_at = null, "
            "message = null",
            [[run_id, profile, now]],
        )

    def finish_run(
        self,
        run_id: str,
        status: str,
        message: str = "",
        *,
        as_of: date | None = None,
        version: str | None = None,
    ) -> None:
        """Close a run.

        Status: published, unchanged, partial, stopped, misconfigured, crashed or killed.
        """
        self.write(
            "update ops.runs set status = ?, message = ?, finished_at = ?, as_of_date = "
            "coalesce(?, as_of_date), version = coalesce(?, version) where run_id = ?",
            [[status, message, utc_now(), as_of, version, run_id]],
        )

    def record_step(
        self, run_id: str, step: str, started: datetime, wall: float, cpu: float, peak: float
    ) -> None:
        """Seconds and MiB of one step."""
        self.write(
            "insert into ops.steps values (?, ?, ?, ?, ?, ?)",
            [[run_id, step, started, wall, cpu, peak]],
        )

    def record_checks(
        self, run_id: str, layer: str, results: Iterable[CheckResult], as_of: date | None
    ) -> None:
        """Results of a gate; those of an earlier try of the same run are replaced."""
        rows = [
            [
                run_id,
                layer,
                r.suite,
                r.rule,
                r.severity.value,
                r.passed,
                r.observed,
                r.threshold,
                r.unexpected_count,
                as_of,
                "; ".join(r.examples),
                explain(r),
                r.acceptance is not None,
                r.acceptance.acceptance_id if r.acceptance else None,
            ]
            for r in results
        ]
        with self._connect() as connection:
            connection.execute(
                "delete from ops.check_results where run_id = ? and layer = ?", [run_id, layer]
            )
            _insert_many(connection, "ops.check_results", rows)

    def record_feed(self, run_id: str, report: FeedReport) -> None:
        """Row accounting, refused files and quarantined rows of a feed."""
        accounting = [
            [
                run_id,
                report.feed,
                t.table,
                t.files,
                t.files_known,
                t.rows_in,
                t.unchanged,
                t.quarantined,
                t.stored,
                t.deleted,
                t.released,
                t.discarded,
                t.forgotten,
            ]
            for t in report.tables.values()
        ]
        held = [[run_id, report.feed, h.table, h.file, h.message] for h in report.held]
        with self._connect() as connection:
            connection.execute(
                "delete from ops.row_accounting where run_id = ? and feed = ?",
                [run_id, report.feed],
            )
            connection.execute(
                "delete from ops.held_files where run_id = ? and feed = ?", [run_id, report.feed]
            )
            _insert_many(connection, "ops.row_accounting", accounting)
            _insert_many(connection, "ops.held_files", held)
            if not report.held:
                _insert_quarantined(connection, run_id, report.quarantined)

    def last_runs(self, count: int = 10) -> list[RunRow]:
        """The newest runs, newest first."""
        return self._runs("true", f"limit {count:d}")

    def running(self) -> list[RunRow]:
        """Runs that did not say how they ended."""
        return self._runs("status = 'running'")

    def find_run(self, run_id: str) -> RunRow | None:
        """A run by its id or the beginning of it; of several the newest."""
        return next(iter(self._runs(f"starts_with(run_id, {literal(run_id)})", "limit 1")), None)

    def _runs(self, condition: str, limit: str = "") -> list[RunRow]:
        if not self.path.exists():
            return []
        with self._connect(read_only=True) as connection:
            rows = connection.execute(
                "select run_id, profile, started_at, finished_at, status, as_of_date, version, "
                f"message from ops.runs where {condition} order by started_at desc, run_id {limit}"
            ).fetchall()
        return [RunRow(*row) for row in rows]

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """One connection for many reading queries; while it is open, nobody writes.

        Raises:
            ConfigurationError: the journal is of another version of the code.
        """
        with self._connect(read_only=True) as connection:
            found = journal_schema.read_version(connection)
            journal_schema.refuse_other_version(found or journal_schema.VERSION)
            yield connection

    def query(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """Rows of a reading query."""
        with self._connect(read_only=True) as connection:
            return connection.execute(sql, parameters or []).fetchall()

    def write(self, sql: str, rows: list[list[Any]]) -> None:
        """Execute a writing statement with each row of parameters, all in one transaction."""
        with self._connect() as connection:
            for row in rows:
                connection.execute(sql, row)

    def version(self) -> int:
        """Version of the journal's tables; this code's for one that is not made yet."""
        if not self.path.exists():
            return journal_schema.VERSION
        with self.open(read_only=True) as connection:
            return journal_schema.read_version(connection) or journal_schema.VERSION

    @contextmanager
    def open(self, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection to the journal as it is; waits while another process has the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                manager = connect(self.path, read_only=read_only)
                connection = manager.__enter__()
                break
            except duckdb.IOException as error:
                if "lock" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        try:
            yield connection
        finally:
            manager.__exit__(None, None, None)

    @contextmanager
    def _connect(self, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection and on it one transaction, whose tables are this code's if it writes."""
        with self.open(read_only=read_only) as connection:
            connection.execute("begin")
            if not read_only:
                journal_schema.prepare(connection, TABLES)
            yield connection
            connection.execute("commit")


def _insert_quarantined(
    connection: duckdb.DuckDBPyConnection, run_id: str, rows: list[QuarantinedRow]
) -> None:
    """A row that several runs meet (a red run is repeated) stands in the journal once.

    With its newest text: a file may come again by its old name.

    Whole columns at a time: one statement a row would take minutes for a bad delivery.
    """
    key = [list(column) for column in zip(*(_key(row) for row in rows), strict=True)]
    if not key:
        return
    connection.execute(
        "insert or ignore into ops.quarantined_rows "
        "select unnest(?), unnest(?), unnest(?), unnest(?), ?, ?",
        [*key, run_id, utc_now()],
    )
    connection.execute(
        "insert or replace into pii.quarantined_payloads "
        "select unnest(?), unnest(?), unnest(?), unnest(?), unnest(?)",
        [*key, [row.payload for row in rows]],
    )


def _key(row: QuarantinedRow) -> tuple[str, str, int, str]:
    return row.table, row.file, row.line, row.reason


def _insert_many(connection: duckdb.DuckDBPyConnection, table: str, rows: list[list[Any]]) -> None:
    """Whole columns at a time: a night's checks, a statement each, would take a second."""
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        marks = ", ".join(["unnest(?)"] * len(columns))
        connection.execute(f"insert into {table} select {marks}", columns)


def utc_now() -> datetime:
    """The clock, as instants are stored: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)
