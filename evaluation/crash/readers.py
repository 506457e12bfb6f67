"""Readers beside a run: processes that open the served file again and again, as BI tools do.

Each read opens the file, asks for its version, for the run that made it and for the size of two
marts, with a pause between: all must be of one version, and no later read of an older one.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from orchestration.home import Home

READERS = 2
_PAUSE_SECONDS, _PAUSE_SECONDS_PUBLISHING = 0.2, 0.005
_HURRY_SECONDS = 3.0
"""So long after a change of the versions every moment counts."""
_MARTS = ("customer_360", "fct_sales_line")


@dataclass
class Reads:
    """What readers saw: `torn` counts reads of more than one version, or of one that went back."""

    count: int = 0
    errors: int = 0
    torn: int = 0
    versions: set[str] = field(default_factory=set)
    said: str = ""

    def add(self, other: Reads) -> None:
        self.count += other.count
        self.errors += other.errors
        self.torn += other.torn
        self.versions |= other.versions
        self.said = self.said or other.said


@contextmanager
def reading(home: Home) -> Iterator[Reads]:
    """Two processes read while the block runs; what they saw is there when it ends."""
    reads = Reads()
    context = multiprocessing.get_context("fork")
    readers = []
    for seed in range(READERS):
        mine, theirs = context.Pipe()
        process = context.Process(target=_read, args=(home, theirs, seed))
        process.start()
        theirs.close()
        readers.append((process, mine))
    try:
        yield reads
    finally:
        for _, connection in readers:
            connection.send("stop")
        for process, connection in readers:
            reads.add(connection.recv())
            process.join()


def _read(home: Home, connection: Connection, seed: int) -> None:
    rng = random.Random(seed)
    reads, newest = Reads(), ""
    seen, hurry_until = set(home.versions.iterdir()), 0.0
    while not connection.poll(
        _PAUSE_SECONDS_PUBLISHING if time.monotonic() < hurry_until else _PAUSE_SECONDS
    ):
        reads.count += 1
        try:
            version, is_whole = _read_once(home.served, home.versions, rng.random() / 100)
        except Exception as error:
            reads.errors += 1
            reads.said = repr(error)
            continue
        reads.torn += not is_whole or version < newest
        newest = max(newest, version)
        reads.versions.add(version)
        if set(home.versions.iterdir()) != seen:
            seen, hurry_until = set(home.versions.iterdir()), time.monotonic() + _HURRY_SECONDS
    connection.send(reads)


def _read_once(served: Path, versions: Path, pause: float) -> tuple[str, bool]:
    """The version of the served file, and whether everything in it is of that version."""
    from ingestion.engine import connect

    with connect(served, read_only=True) as connection:
        version = _value(connection, "select version from ops.publication")
        rows = {_MARTS[0]: _value(connection, f"select count(*) from marts.{_MARTS[0]}")}
        time.sleep(pause)
        rows[_MARTS[1]] = _value(connection, f"select count(*) from marts.{_MARTS[1]}")
        newest_run = _value(connection, "select max(version) from ops.runs")
    manifest = json.loads((versions / version / "manifest.json").read_text(encoding="utf-8"))
    written = {name: manifest["tables"][name]["rows"] for name in _MARTS}
    return version, newest_run == version and rows == written


def _value(connection: object, query: str) -> object:
    return connection.execute(query).fetchone()[0]
