"""Data quality: what the gates found, what was set aside, how fresh the feeds are, the runs."""

from __future__ import annotations

import streamlit as st

from dashboard.parts import Tile, figure, section, switch, tiles
from dashboard.tables import Column
from dashboard.view import View

_LAYERS = """
select layer, severity, count(*) as checks, count(*) filter (passed) as passed,
    count(*) filter (not passed) as failed, count(*) filter (accepted) as accepted
from ops.check_results group by layer, severity
order by array_position(['raw', 'staging', 'marts'], layer), severity
"""
_FAILED = """
select suite, expectation, severity, observed, threshold, unexpected_count, examples, explanation,
    accepted
from ops.check_results where not passed order by severity, suite, expectation limit 200
"""
_ROWS = """
select feed, table_name, rows_in, rows_unchanged, rows_superseded, rows_deleted, rows_staged,
    rows_quarantined, rows_discarded
from ops.row_accounting order by feed, table_name
"""
_FEEDS = """
select feed, table_name, files, last_delivery, last_loaded_at, is_stale
from ops.source_freshness order by is_stale desc, feed, table_name
"""
_ASIDE = """
select table_name, file, reason, state, rows, first_line, first_seen_at
from ops.quarantine_summary order by first_seen_at desc, table_name, file, reason limit 200
"""
_RUNS = """
select run_id, started_at, finished_at, status, as_of_date, message
from ops.runs order by started_at desc limit 60
"""


def show(view: View) -> None:
    """Draw the page."""
    layers = view.rows(_LAYERS)
    text, words = view.text, view.words
    failed = sum(row["failed"] for row in layers)
    aside = view.row("select coalesce(sum(rows), 0)::bigint as n from ops.quarantine_summary")["n"]
    stale = view.row("select count(*) as n from ops.source_freshness where is_stale")["n"]
    tiles([
        Tile(words("Checks passed"), text(sum(row["passed"] for row in layers), "count")),
        Tile(words("Checks failed"), text(failed, "count")),
        Tile(words("Rows set aside"), text(aside, "count")),
        Tile(words("Tables behind"), text(stale, "count")),
    ])  # fmt: skip
    parts = {"checks": _checks, "feeds": _feeds, "quarantine": _quarantine, "runs": _runs}
    parts[switch(view, "Part", list(parts), "part")](view)


def _checks(view: View) -> None:
    section(view, "Checks that failed and did not stop the run", view.rows(_FAILED), (
        Column("expectation", "Check"),
        Column("suite", "Table"),
        Column("severity", "Severity", "code"),
        Column("observed", "Observed"),
        Column("threshold", "Allowed"),
        Column("unexpected_count", "Rows", "count"),
        Column("accepted", "Accepted", "yes"),
        Column("explanation", "What to do", "prose"),
        Column("examples", "Rows by their ids", "prose"),
    ))  # fmt: skip
    section(view, "Checks", view.rows(_LAYERS), (
        Column("layer", "Gate", "code"),
        Column("severity", "Severity", "code"),
        Column("checks", "Checks", "count"),
        Column("passed", "Passed", "count"),
        Column("failed", "Failed", "count"),
        Column("accepted", "Accepted", "count"),
    ))  # fmt: skip


def _feeds(view: View) -> None:
    figure(view, "data_coverage")
    section(view, "Feeds", view.rows(_FEEDS), (
        Column("table_name", "Table"),
        Column("files", "Files", "count"),
        Column("last_delivery", "Newest delivery"),
        Column("last_loaded_at", "Loaded", "instant"),
        Column("is_stale", "Behind", "yes"),
    ))  # fmt: skip
    section(view, "No row is lost", view.rows(_ROWS), (
        Column("table_name", "Table"),
        Column("rows_in", "Delivered", "count"),
        Column("rows_unchanged", "As before", "count"),
        Column("rows_superseded", "Replaced", "count"),
        Column("rows_deleted", "Deleted", "count"),
        Column("rows_staged", "In use", "count"),
        Column("rows_quarantined", "Set aside", "count"),
        Column("rows_discarded", "Discarded", "count"),
    ))  # fmt: skip


def _quarantine(view: View) -> None:
    section(view, "Rows set aside", view.rows(_ASIDE), (
        Column("table_name", "Table"),
        Column("file", "File"),
        Column("reason", "Reason"),
        Column("state", "State", "code"),
        Column("rows", "Rows", "count"),
        Column("first_line", "First line", "count"),
        Column("first_seen_at", "Since", "instant"),
    ))  # fmt: skip
    st.caption(view.words("`tokui quarantine list` shows what waits for a decision."))


def _runs(view: View) -> None:
    section(view, "Runs up to this version", view.rows(_RUNS), (
        Column("run_id", "Run"),
        Column("started_at", "Began", "instant"),
        Column("finished_at", "Ended", "instant"),
        Column("status", "How it ended", "code"),
        Column("as_of_date", "As of", "date"),
        Column("message", "Message", "prose"),
    ))  # fmt: skip
