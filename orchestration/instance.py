"""Dagster's own records of a warehouse: where they lie, and how they are written without waiting.

Dagster opens and closes its SQLite files some thousand times a night, and each commit waits for
the disk: together that costs a small night more than its data does. In write-ahead mode,
`synchronous = normal` loses at most the last events when the power fails and never the file. One
engine a file, whose connections are kept, spares the opening, the checkpoint at every close, and
compiling each statement anew. What a run did is told by the journal, not by these records.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.home import Home
from orchestration.journal import Journal

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun
    from sqlalchemy.engine import Engine

SETTINGS = Path(__file__).parent / "dagster.yaml"
LOCKED_TAG = "tokui/holds_lock"
"""On runs of the command, which holds the run lock already and speaks for them."""


def use_instance(home: Home) -> None:
    """Point Dagster at its folder below the warehouse's, with our settings."""
    home.dagster.mkdir(parents=True, exist_ok=True)
    target = home.dagster / "dagster.yaml"
    if not target.exists() or not filecmp.cmp(SETTINGS, target, shallow=False):
        # Replaced whole: a daemon may be reading it.
        shutil.copyfile(SETTINGS, target.with_suffix(".tmp"))
        os.replace(target.with_suffix(".tmp"), target)
    os.environ["DAGSTER_HOME"] = str(home.dagster)


def bury_dead_runs(home: Home, instance: DagsterInstance) -> None:
    """End in Dagster's records the runs that were killed. Needs the run lock.

    A killed run keeps its place in the pool of steps, and every later run would wait for it
    without end. Who holds the lock knows that no other run is within a step; one that has its place
    and waits for the lock does not need it either. Dead is every unfinished run that took the lock
    before: those of `tokui refresh` say so by their tag, those of the UI stand in the journal.
    """
    storage = instance.event_log_storage
    for run_id in storage.get_concurrency_run_ids():
        storage.free_concurrency_slots_for_run(run_id)
    journal = Journal(home.journal)
    for run in _unfinished(instance):
        if LOCKED_TAG in run.tags or journal.find_run(run.run_id) is not None:
            instance.report_run_failed(run, "The process ended without a word.")


def unfinished_records(home: Home) -> list[str]:
    """What Dagster takes for going on a home: runs, and places in the pool. Empty between runs."""
    from dagster import DagsterInstance

    use_instance(home)
    with DagsterInstance.get() as instance:
        found = [f"Dagster takes run {run.run_id[:8]} for going" for run in _unfinished(instance)]
        holders = instance.event_log_storage.get_concurrency_run_ids()
        return found + [f"run {run_id[:8]} has a place in Dagster's pool" for run_id in holders]


def _unfinished(instance: DagsterInstance) -> Sequence[DagsterRun]:
    from dagster import DagsterRunStatus, RunsFilter

    going = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
    return instance.get_runs(RunsFilter(statuses=going))


@contextmanager
def quick_records() -> Iterator[None]:
    """Within the block this process keeps its connections to SQLite, one engine a file."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import QueuePool

    engines: dict[str, Engine] = {}

    def engine_of(address: str, **options: Any) -> Engine:
        if address not in engines:
            options["poolclass"] = QueuePool
            engines[address] = _lasting(create_engine(address, **options))
        return engines[address]

    storages = _storages()
    for storage in storages:
        storage.create_engine = engine_of
    try:
        yield
    finally:
        for storage in storages:
            storage.create_engine = create_engine
        for engine in engines.values():
            engine.pool.dispose()


def _storages() -> list[Any]:
    """The modules of Dagster that make engines of SQLite."""
    from dagster._core.storage.event_log.sqlite import sqlite_event_log
    from dagster._core.storage.runs.sqlite import sqlite_run_storage
    from dagster._core.storage.schedules.sqlite import sqlite_schedule_storage

    return [sqlite_event_log, sqlite_run_storage, sqlite_schedule_storage]


def _lasting(engine: Engine) -> Engine:
    """An engine whose connections outlive Dagster's `dispose` and do not wait for the disk."""
    from sqlalchemy import event

    def on_connect(connection: sqlite3.Connection, _: Any) -> None:
        connection.execute("pragma synchronous = normal")

    event.listen(engine, "connect", on_connect)
    engine.dispose = lambda close=True: None
    return engine
