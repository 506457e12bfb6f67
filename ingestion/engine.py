"""Connections to DuckDB: closed when the block ends, extensions never fetched from the network.

`literal` writes values into statements: bound parameters make DuckDB import pandas, half a second
that a start does not have.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb


@contextmanager
def connect(path: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that is surely closed: one left open would lock later steps out."""
    connection = duckdb.connect(str(path), read_only=read_only, config=engine_settings())
    try:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        yield connection
    finally:
        connection.close()


def engine_settings() -> dict[str, str | bool]:
    """Settings of every engine: no extension from the network, and what the machine may give."""
    config: dict[str, str | bool] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    threads = os.environ.get("TOKUI_ENGINE_THREADS")
    if threads:
        config["threads"] = threads
    memory = os.environ.get("TOKUI_MEMORY_LIMIT")
    if memory:
        config["memory_limit"] = memory
    return config


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
