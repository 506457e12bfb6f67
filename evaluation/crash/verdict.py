"""What a home holds after a trial, compared with its twin, and what a dead run left in it."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.engine import connect
from orchestration.home import Home
from orchestration.journal import Journal
from orchestration.publication import read_manifest

if TYPE_CHECKING:
    import duckdb

_LOADED = ("raw_pos", "raw_email", "raw_support", "pii", "ledger")
_DIFFERS_BY_RUN = ("_load_id", "load_id", "loaded_at")


@dataclass(frozen=True)
class State:
    """What is published and loaded. `rows` and `doubled` count rows a table; a doubled row equals
    another one in everything but the load that brought it."""

    as_of: str
    digests: dict[str, str]
    rows: dict[str, int]
    doubled: dict[str, int]

    def differences(self, twin: State) -> list[str]:
        """What is not as in the twin, a phrase each."""
        found = [f"as of {self.as_of}, not {twin.as_of}"] if self.as_of != twin.as_of else []
        found += _differing("digest", self.digests, twin.digests)
        found += _differing("rows", self.rows, twin.rows)
        return found + _differing("doubled rows", self.doubled, twin.doubled)


def state_of(home: Home) -> State:
    """The state of a home on which no run is going."""
    head = read_manifest(home)
    assert head is not None
    with connect(home.current, read_only=True) as connection:
        tables = _tables(connection)
        return State(
            as_of=head["as_of"],
            digests={name: table["digest"] for name, table in head["tables"].items()},
            rows={table: _count(connection, f"from {table}") for table in tables},
            doubled={table: _doubled(connection, table) for table in tables},
        )


def leftovers(home: Home) -> list[str]:
    """What no healed home has: folders, locks and entries of a run that is dead."""
    found = [f"{path.relative_to(home.root)} is left" for path in _stale(home)]
    if not _is_free(home.lock):
        found.append("the lock is held")
    found += [f"run {row.run_id[:8]} is running in the journal" for row in _running(home)]
    from orchestration.instance import unfinished_records

    return found + unfinished_records(home)


def is_whole(home: Home) -> list[str]:
    """What is wrong with the publication, whatever became of the last run."""
    head = read_manifest(home)
    if head is None:
        return ["nothing is published"]
    with connect(home.served, read_only=True) as connection:
        return [
            f"marts.{name} has not the rows of its manifest"
            for name, table in head["tables"].items()
            if _count(connection, f"from marts.{name}") != table["rows"]
        ]


def in_fork(function: Callable[..., Any], *arguments: Any) -> Any:
    """The result of a function called in a fork: this process must open no database itself.

    Raises:
        EOFError: the fork died.
    """
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe()
    process = context.Process(target=lambda: theirs.send(function(*arguments)))
    process.start()
    theirs.close()
    try:
        return mine.recv()
    finally:
        process.join()


def _stale(home: Home) -> list[Path]:
    known = {row.run_id for row in Journal(home.journal).last_runs() if row.status == "killed"}
    found = [path for path in (home.work, *home.root.rglob("*.tmp")) if path.exists()]
    for folder in (home.published, home.versions, home.parquet, home.published / "as_of"):
        found += [path for path in folder.glob(".*") if path not in found]
    found += [home.landing / run_id for run_id in known if (home.landing / run_id).exists()]
    return found


def _running(home: Home) -> list[Any]:
    return Journal(home.journal).running()


def _is_free(lock: Path) -> bool:
    descriptor = os.open(lock, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() "
        f"where schema_name in {_LOADED} and not starts_with(table_name, '_dlt') order by all"
    ).fetchall()
    return [name for (name,) in rows]


def _doubled(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    rows = connection.execute(f"select column_name from (describe {table})").fetchall()
    columns = ", ".join(f'"{name}"' for (name,) in rows if name not in _DIFFERS_BY_RUN)
    return _count(
        connection, f"from (select {columns} from {table} group by all having count(*) > 1)"
    )


def _count(connection: duckdb.DuckDBPyConnection, rest: str) -> int:
    return connection.execute(f"select count(*) {rest}").fetchone()[0]


def _differing(what: str, mine: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    names = sorted(name for name in mine | theirs if mine.get(name) != theirs.get(name))
    return [f"{what} of {', '.join(names)}"] if names else []
