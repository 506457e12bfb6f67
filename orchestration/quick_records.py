"""Dagster's records of a run, written without waiting and in few transactions.

Dagster opens and closes its SQLite files some thousand times a night, and each commit waits for
the disk: together that costs a small night more than its data does. In write-ahead mode,
`synchronous = normal` loses at most the last events when the power fails and never the file. One
engine a file, whose connections are kept, spares the opening, the checkpoint at every close, and
compiling each statement anew. What a run did is told by the journal, not by these records.

Three events an output, in two files, are most of what is written. A step tells its outputs when its
work is done, one right after the other: these share one transaction a file. It ends with the event
that follows them, so that others never wait long to write and the UI sees a step when it ended.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dagster import DagsterInstance, EventLogEntry
    from sqlalchemy.engine import Connection, Engine

_OF_OUTPUTS = {
    "ASSET_MATERIALIZATION_PLANNED",
    "ASSET_CHECK_EVALUATION_PLANNED",
    "STEP_OUTPUT",
    "ASSET_MATERIALIZATION",
    "ASSET_CHECK_EVALUATION",
}
"""Kinds of events that come one right after the other, a few for each asset or check."""


@contextmanager
def quick_instance() -> Iterator[DagsterInstance]:
    """Dagster's instance; within the block this process keeps its connections to SQLite."""
    from dagster import DagsterInstance

    with _kept_engines() as engines, DagsterInstance.get() as instance:
        gathering = _Gathering(instance.event_log_storage, engines)
        try:
            yield instance
        finally:
            gathering.end()


class _Gathering:
    """An event log of Dagster's that writes the events of outputs in one transaction a file.

    It stands in the place of the storage's own ways to store and to connect: Dagster has a setting
    for batches, but its SQLite files take them one by one. Every statement stays Dagster's, and
    what it reads in between it reads in the same transaction.
    """

    def __init__(self, storage: Any, engines: dict[str, Engine]) -> None:
        self._storage, self._engines = storage, engines
        self._store, self._connect = storage.store_event, storage._connect
        self._is_going = False
        self._open: dict[str, Connection] = {}
        storage.store_event, storage._connect = self.store_event, self.connect
        _look_at_columns_once(storage)

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event; one that is not of an output ends the transactions first."""
        kind = event.dagster_event_type if event.is_dagster_event else None
        if kind is not None and kind.value in _OF_OUTPUTS:
            self._is_going = True
        else:
            self.end()
        self._store(event)

    @contextmanager
    def connect(self, shard: str) -> Iterator[Connection]:
        """A connection to a file, in the transaction that goes on there."""
        engine = self._engines.get(self._storage.conn_string_for_shard(shard))
        if engine is None or not self._is_going:
            with self._connect(shard) as connection:
                yield connection
            return
        if shard not in self._open:
            self._open[shard] = engine.connect()
            self._open[shard].begin()
        yield self._open[shard]

    def end(self) -> None:
        """Commit what was gathered."""
        self._is_going = False
        while self._open:
            _, connection = self._open.popitem()
            with connection:
                connection.commit()


def _look_at_columns_once(storage: Any) -> None:
    """Dagster asks before every asset whether its table was upgraded; during a run none is."""
    ask, known = storage._has_asset_key_col_on_connection, {}

    def has_column(connection: Connection, name: str) -> bool:
        if name not in known:
            known[name] = ask(connection, name)
        return known[name]

    storage._has_asset_key_col_on_connection = has_column


@contextmanager
def _kept_engines() -> Iterator[dict[str, Engine]]:
    """Within the block Dagster makes one engine a file; the engines by the files' addresses."""
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
        yield engines
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
