"""Checks of what comes in: feeds, the settings they were read by, and plans."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from ingestion.contract import FEEDS
from ingestion.discovery import discover
from ingestion.engine import connect
from ingestion.errors import ConfigurationError
from orchestration.doctor.finding import Finding, Subject, fail, ok, some, warn
from plans.load import load_plans

_UNTIL_THEN = "Until then a run stops at this feed."


def check_feeds(subject: Subject) -> Iterator[Finding]:
    """Every feed can be listed, and every file in it belongs to a table."""
    for feed in FEEDS.values():
        settings = subject.settings.feeds[feed.name]
        if settings.path is None:
            yield ok(f"{feed.name}: not in use, feeds.{feed.name}.path is not set")
            continue
        try:
            found = discover(feed, settings)
        except ConfigurationError as error:
            yield fail(str(error), _UNTIL_THEN)
            continue
        except (ImportError, ValueError, OSError) as error:
            yield fail(
                f"feed {feed.name}: {settings.path} cannot be reached: {error}",
                f"Mend feeds.{feed.name}.path, or install what its scheme needs. {_UNTIL_THEN}",
            )
            continue
        yield ok(f"{feed.name}: {len(found.files):,} file(s) in {settings.path}")
        if found.unrecognised:
            yield warn(
                f"{feed.name}: files that no table takes: {some(found.unrecognised)}",
                "Name them after their table (docs/feed-contract.md), or give the table a pattern: "
                f"feeds.{feed.name}.tables.<table>.files.",
            )
        if found.unfinished:
            yield warn(
                f"{feed.name}: files that still grow: {some(found.unfinished)}",
                "The run takes them when they are complete.",
            )


def check_formats(subject: Subject) -> Iterator[Finding]:
    """Loaded files were read by the settings of today."""
    if not subject.home.current.exists():
        yield ok("nothing is loaded yet")
        return
    others = _read_by_others(subject)
    for table, files in others.items():
        yield warn(
            f"{table}: {len(files):,} file(s) were read by other settings than today's: "
            f"{some(files)}",
            f"If the new settings are right for them too: tokui reload {files[0]} (and so on).",
        )
    if not others:
        yield ok("no loaded file was read by other settings than today's")


def check_plans(subject: Subject) -> Iterator[Finding]:
    """Targets, segments, lists, hours and holidays can be read as a run reads them."""
    with connect(Path(":memory:")) as connection:
        lines = load_plans(connection, subject.settings.plans)
    yield ok(", ".join(f"{count} {name}" for name, count in lines.items()))


def _read_by_others(subject: Subject) -> dict[str, list[str]]:
    """Files by table; those loaded before settings were remembered are not among them."""
    with connect(subject.home.current, read_only=True) as connection:
        try:
            rows = connection.execute(
                "select table_name, file, format_sha256 from ledger.files "
                "where format_sha256 is not null order by all"
            ).fetchall()
        except (duckdb.CatalogException, duckdb.BinderException):
            return {}  # Of another version, which the check of the warehouse says.
    today = {
        table.qualified_name: subject.settings.feeds[feed.name].tables[table.name].format.sha256
        for feed in FEEDS.values()
        for table in feed.tables
    }
    others: dict[str, list[str]] = {}
    for table, file, sha256 in rows:
        if sha256 != today.get(table, sha256):
            others.setdefault(table, []).append(file)
    return others
