"""Connections to DuckDB: closed when the block ends, extensions never fetched from the network.

`literal` writes values into statements: bound parameters make DuckDB import pandas, half a second
that a start does not have.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import duckdb

THREADS, MEMORY = "TOKUI_ENGINE_THREADS", "TOKUI_MEMORY_LIMIT"
"""Set in the environment by who knows better than this module: threads, and memory as `900MiB`."""

MARTS = "crm"
"""The catalog of the file that has the marts, beside that of the warehouse."""

SMALL_FILE = 512 << 20
"""A database smaller than that (some 700,000 receipt lines) gets one thread: others would wait
for each other more than they help."""
_WORK_OF_A_BYTE = 8
"""A byte that arrives is split, typed, compared and written: as much work as so many that are there
already."""
_MOST_MEMORY = 2_000_000_000
"""Bytes that an engine takes at most by itself: with Python beside it a process stays in 3 GiB."""
_CONTAINER_MEMORY = Path("/sys/fs/cgroup/memory.max")


@contextmanager
def connect(path: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that is surely closed: one left open would lock later steps out."""
    connection = duckdb.connect(str(path), read_only=read_only, config=engine_settings(path))
    try:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        yield connection
    finally:
        connection.close()


@contextmanager
def connect_both(
    warehouse: Path, marts: Path, *, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection on a warehouse and on the file of its marts, closed as by `connect`.

    A name `marts.x` is a table of that file, also where it is made; all others are the warehouse's.
    One transaction can write to one of the two.
    """
    with connect(warehouse, read_only=read_only) as connection:
        connection.execute(marts_beside(marts, read_only=read_only))
        yield connection


def marts_beside(marts: Path, *, read_only: bool) -> str:
    """The statements that open the file of the marts beside `warehouse.duckdb`."""
    options = "read_only" if read_only else "storage_version 'v1.0.0'"
    made = "" if read_only else f"create schema if not exists {MARTS}.marts; "
    return (
        f"attach if not exists {literal(str(marts))} as {MARTS} ({options}); {made}"
        f"set search_path = 'warehouse.main,{MARTS}.marts'"
    )


def engine_settings(path: Path) -> dict[str, str | bool]:
    """Settings of an engine on a file: no extension from the network, and what the machine gives.

    Answers do not depend on them. The default of threads is one for a small file and every core for
    others; that of memory is half of the machine's, 2 GB at most.
    """
    return {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "threads": os.environ.get(THREADS) or str(_threads(path)),
        "memory_limit": os.environ.get(MEMORY) or f"{_memory_share()}MiB",
    }


def share_out_threads(connection: duckdb.DuckDBPyConnection, path: Path, arriving: int) -> None:
    """Give an engine the threads to read so many bytes of files, beside a database at `path`."""
    threads = os.environ.get(THREADS) or _threads(path, arriving)
    connection.execute(f"set threads = {threads}")


def _threads(path: Path, arriving: int = 0) -> int:
    is_small = path.is_file() and path.stat().st_size + _WORK_OF_A_BYTE * arriving < SMALL_FILE
    return 1 if is_small else os.cpu_count() or 1


def _memory_share() -> int:
    """MiB that an engine takes where nobody says how many: half of what is there, 2 GB at most.

    What it needs beyond that goes to disk, beside the file that is open. A container may have less
    than its machine.
    """
    there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError, ValueError):
        there = min(there, int(_CONTAINER_MEMORY.read_text()))
    return min(there // 2, _MOST_MEMORY) >> 20


def literal(value: str | int | datetime | None) -> str:
    """A value as SQL writes it; quotes in it do no harm."""
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return f"timestamp '{value.isoformat(sep=' ')}'"
    return "'" + value.replace("'", "''") + "'"


def values_rows(rows: Iterable[Sequence[str | int | datetime | None]]) -> str:
    """Rows for a VALUES list."""
    return ", ".join("(" + ", ".join(literal(value) for value in row) + ")" for row in rows)
