"""Connections to DuckDB: closed when the block ends, extensions never fetched from the network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb


@contextmanager
def connect(path: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that is surely closed: one left open would lock later steps out."""
    config: dict[str, str | bool] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    threads = os.environ.get("TOKUI_ENGINE_THREADS")
    if threads:
        config["threads"] = threads
    connection = duckdb.connect(str(path), read_only=read_only, config=config)
    try:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        yield connection
    finally:
        connection.close()
