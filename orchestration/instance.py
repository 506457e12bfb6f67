"""Dagster's own records of a warehouse: where they lie, and how they are written without waiting.

Dagster opens and closes its SQLite files for every event. With SQLite's defaults each of these
some thousand commits waits for the disk, which costs a small night more than its data does. In
write-ahead mode, `synchronous = normal` loses at most the last events when the power fails and
never the file; and a connection kept open spares the checkpoint at every close. Dagster also makes
an engine of SQLAlchemy for every event, which then compiles each statement anew: one engine a file
serves. What a run did is told by the journal, not by these records.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.home import Home
from orchestration.journal import Journal

if TYPE_CHECKING:
    from dagster import DagsterInstance

SETTINGS = Path(__file__).parent / "dagster.yaml"


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
    and waits for the lock does not need it either.
    """
    storage = instance.event_log_storage
    for run_id in storage.get_concurrency_run_ids():
        storage.free_concurrency_slots_for_run(run_id)
    for row in Journal(home.journal).running():
        run = instance.get_run_by_id(row.run_id)
        if run is not None and not run.is_finished:
            instance.report_run_failed(run, "The process ended without a word.")


@contextmanager
def quick_records() -> Iterator[None]:
    """Within the block this process commits to SQLite without waiting, by one engine a file."""
    from dagster._core.storage.event_log.sqlite import sqlite_event_log
    from sqlalchemy import create_engine, event
    from sqlalchemy.engine import Engine

    engines: dict[str, Engine] = {}

    def engine_of(address: str, **options: Any) -> Engine:
        if address not in engines:
            engines[address] = create_engine(address, **options)
        return engines[address]

    kept: dict[str, sqlite3.Connection] = {}

    def on_connect(connection: Any, _: Any) -> None:
        if not isinstance(connection, sqlite3.Connection):
            return
        connection.execute("pragma synchronous = normal")
        file = connection.execute("pragma database_list").fetchone()[2]
        if file and file not in kept:
            kept[file] = sqlite3.connect(file, check_same_thread=False)
            kept[file].execute("select count(*) from sqlite_master").fetchone()

    event.listen(Engine, "connect", on_connect)
    sqlite_event_log.create_engine = engine_of
    try:
        yield
    finally:
        sqlite_event_log.create_engine = create_engine
        event.remove(Engine, "connect", on_connect)
        for connection in kept.values():
            connection.close()
