"""Checks of Dagster's own records, read from its SQLite files: Dagster need not be imported."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration.doctor.finding import Finding, Subject, fail, ok, some, warn
from orchestration.lock import holder_of

_SILENT_AFTER = timedelta(minutes=5)
"""The daemon's heart beats every half minute."""


def check_schedule(subject: Subject) -> Iterator[Finding]:
    """A schedule or sensor that is switched on has a daemon; says what starts runs otherwise."""
    folder, schedule = subject.home.dagster, subject.settings.schedule
    on = _rows(
        folder / "schedules" / "schedules.db",
        "select count(*) from instigators where status = 'RUNNING'",
    )
    if not on or not on[0][0]:
        yield ok(
            "Dagster's schedule is off: runs are started by cron, systemd or by hand "
            "(docs/scheduling.md)"
        )
        return
    beats = _rows(folder / "history" / "runs.db", "select max(timestamp) from daemon_heartbeats")
    newest = datetime.fromisoformat(beats[0][0]) if beats and beats[0][0] else None
    if newest is None or subject.clock - newest > _SILENT_AFTER:
        since = f"since {newest:%Y-%m-%d %H:%M}Z" if newest else "ever"
        yield fail(
            f"Dagster's schedule or sensor is on, and its daemon was not seen {since}",
            "Start dagster-daemon (docs/scheduling.md), or switch the schedule off and use cron.",
        )
    else:
        yield ok(f"on, and the daemon runs; cron {schedule.cron}, {schedule.timezone}")


def check_pools(subject: Subject) -> Iterator[Finding]:
    """No dead run keeps a place in the pool of steps, and none stands as going for ever."""
    folder = subject.home.dagster / "history"
    if not folder.exists():
        yield ok("no records yet; the first run makes them")
        return
    if holder_of(subject.home.lock) is not None:
        yield ok("a run is going")
        return
    places = _rows(
        folder / "runs" / "index.db",
        "select distinct run_id from concurrency_slots where run_id is not null and not deleted",
    )
    going = _rows(
        folder / "runs.db",
        "select run_id from runs where status in ('STARTING', 'STARTED', 'CANCELING')",
    )
    dead = sorted({run_id[:8] for (run_id,) in [*places, *going]})
    if dead:
        yield warn(
            f"Dagster holds runs for alive that are not: {some(dead)}",
            "The next `tokui refresh` ends them and frees their places.",
        )
    else:
        yield ok("the pool is free, no dead run stands as going")


def _rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    """Rows of a query; none where Dagster has not made the file or the table yet."""
    if not database.exists():
        return []
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        try:
            return connection.execute(query).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise
