"""The tables of the schema `ops` of a published file: what the run did, for BI tools.

They are made by `orchestration.publication` and not by dbt, so what they are is said here; a test
compares it with a published file.
"""

from __future__ import annotations

from orchestration.catalog.tables import Column, Table
from orchestration.project import read_manifest

_BACKTEST_SOURCE = "source.tokui.prediction.model_backtest"

_TABLES = {
    "publication": (
        "One row: the version that the file is.",
        ("version",),
        """
        version|varchar|The version; the name of its folder in published/versions.
        run_id|varchar|The run that made it.
        as_of_date|date|The last business date that counts.
        finished_at|varchar|Instant (UTC) of the publication, ISO 8601.
        code_version|varchar|Version of Tokui.
        """,
    ),
    "runs": (
        "One row a run of the nightly job, from the first on.",
        ("run_id",),
        """
        run_id|varchar|The run.
        profile|varchar|Profile of the settings: main, demo or real.
        started_at|timestamp|Instant (UTC) of its start.
        finished_at|timestamp|Instant (UTC) of its end; NULL while it runs.
        status|varchar|published, unchanged, partial, stopped, misconfigured, crashed or killed.
        as_of_date|date|The last business date that counts; NULL when the run ended before it knew.
        version|varchar|The version that it published; NULL without one.
        message|varchar|What it said when it ended; not of a crash, whose words may quote a value.
        """,
    ),
    "check_results": (
        "One row a check of the run that published the file.",
        ("suite", "expectation"),
        """
        suite|varchar|Schema and table that were checked.
        expectation|varchar|Name of the check within its suite.
        layer|varchar|Layer of the table: raw, staging or marts.
        severity|varchar|critical stops a run, warning is told.
        passed|boolean|Whether the data met it.
        observed|varchar|What was found.
        threshold|varchar|What is allowed.
        unexpected_count|bigint|Rows that did not meet it; NULL for checks of a whole table.
        as_of_date|date|The last business date that counted.
        run_id|varchar|The run.
        examples|varchar|Ids of some rows that did not meet it; never a personal value.
        explanation|varchar|What a failure means, and what to do next.
        accepted|boolean|True when a person accepted the failure (docs/gates.md).
        acceptance_id|varchar|The acceptance; NULL without one.
        """,
    ),
    "row_accounting": (
        "One row a table of raw: what became of every row that was ever delivered. rows_in = "
        "rows_unchanged + rows_superseded + rows_deleted + rows_staged + rows_quarantined.",
        ("table_name",),
        """
        feed|varchar|The feed.
        table_name|varchar|The table of raw.
        rows_in|bigint|Rows that were delivered.
        rows_unchanged|bigint|Rows equal to their latest version, not stored again.
        rows_superseded|bigint|Rows of which a newer version came.
        rows_deleted|bigint|Rows that a later snapshot no longer held.
        rows_staged|bigint|Rows that count today.
        rows_quarantined|bigint|Rows that were set aside.
        rows_discarded|bigint|Rows among these that a person discarded.
        """,
    ),
    "source_freshness": (
        "One row a table of raw with a loaded file: how new its deliveries are.",
        ("feed", "table_name"),
        """
        feed|varchar|The feed.
        table_name|varchar|The table of raw.
        files|bigint|Files that were loaded.
        last_loaded_at|timestamp|Instant (UTC) of the last load.
        last_delivery|varchar|Date or number in the name of the newest file.
        is_stale|boolean|True when this night's file of the feed was refused.
        """,
    ),
    "quarantine_summary": (
        "One row a file and reason for which rows were set aside, and state of these rows.",
        ("table_name", "file", "reason", "state"),
        """
        table_name|varchar|The table of raw.
        file|varchar|The file that they came in.
        reason|varchar|Why they were set aside.
        state|varchar|open, released or discarded (docs/quarantine.md).
        rows|bigint|How many.
        first_line|bigint|The first of their lines in the file.
        first_seen_at|timestamp|Instant (UTC) at which the file was loaded.
        """,
    ),
}


def ops_tables() -> dict[str, Table]:
    """Every table of the schema `ops`, by name."""
    tables = {name: _table(name, *parts) for name, parts in _TABLES.items()}
    return tables | {"model_backtest": _backtest()}


def _table(name: str, description: str, key: tuple[str, ...], columns: str) -> Table:
    lines = [line.strip().split("|") for line in columns.strip().splitlines()]
    return Table("ops", name, description, key, tuple(Column(*line) for line in lines))


def _backtest() -> Table:
    """The one that is published as a source of dbt has it."""
    source = read_manifest()["sources"][_BACKTEST_SOURCE]
    columns = (
        Column(column["name"], _type(name), column["description"].strip())
        for name, column in source["columns"].items()
    )
    key = ("model", "segment", "bucket_type", "bucket")
    return Table("ops", "model_backtest", source["description"].strip(), key, tuple(columns))


def _type(column: str) -> str:
    if column.endswith("_until"):
        return "date"
    if column in ("horizon_days", "customers", "actual_orders"):
        return "bigint"
    return "varchar" if column in ("model", "segment", "bucket_type", "bucket") else "double"
