"""A reader: reads two tables and the version again and again, and notes what does not fit."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from evaluation.readers.publishing import NUMBERED

_PAUSE_SECONDS = {"file": 1.0, "postgres": 0.5}
"""On average between two reads: twenty that never rest would leave the publisher no processor."""
_TABLES = [f"select distinct {column} from marts.{mart}" for mart, column in NUMBERED.items()]
_TOGETHER = "select version, one.*, two.* from ops.publication, ({}) as one, ({}) as two"

Read = Callable[[], tuple[str, list[str]]]
"""One read: the version, and the numbers that the tables bear; one number if all is well."""


@dataclass
class Seen:
    """What a reader saw. `pairs` counts reads by version and number; `longest` is in seconds."""

    reads: int = 0
    mixed: int = 0
    longest: float = 0.0
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    def add(self, other: Seen) -> None:
        """Count another reader's reads in."""
        self.reads += other.reads
        self.mixed += other.mixed
        self.longest = max(self.longest, other.longest)
        self.pairs += other.pairs
        self.errors += other.errors


@dataclass(frozen=True)
class Reader:
    """A way to read, opened once, and the seconds between two reads on average."""

    opened: Callable[[], Iterator[Read]]
    pause: float


def loop(reader: Reader, orders: Connection, seed: int) -> None:
    """Read from the first order to the second, then send what was seen."""
    orders.recv()
    chance, seen = random.Random(seed), Seen()
    with contextmanager(reader.opened)() as read:
        while not orders.poll(chance.uniform(0, 2 * reader.pause)):
            _read_once(read, seen)
    orders.send(seen)


def _read_once(read: Read, seen: Seen) -> None:
    seen.reads += 1
    began = time.monotonic()
    try:
        version, numbers = read()
    except Exception as error:
        seen.errors.append(repr(error))
        return
    seen.longest = max(seen.longest, time.monotonic() - began)
    if len(numbers) == 1:
        seen.pairs[version, numbers[0]] += 1
    else:
        seen.mixed += 1


def of_file(served: Path) -> Reader:
    """Opens the file for each read, and asks for one table after the other."""

    def reader() -> Iterator[Read]:
        from ingestion.engine import connect

        def read() -> tuple[str, list[str]]:
            with connect(served, read_only=True) as connection:
                return _one_by_one(connection)

        yield read

    return Reader(reader, _PAUSE_SECONDS["file"])


def of_postgres(address: str, *, at_once: bool) -> Reader:
    """Keeps a connection open and asks in one statement, or in several of one transaction."""

    def reader() -> Iterator[Read]:
        import psycopg

        with psycopg.connect(address, autocommit=True) as connection:

            def read() -> tuple[str, list[str]]:
                if at_once:
                    rows = connection.execute(_TOGETHER.format(*_TABLES)).fetchall()
                    return rows[0][0], sorted({number for row in rows for number in row[1:]})
                with connection.transaction():
                    return _one_by_one(connection)

            yield read

    return Reader(reader, _PAUSE_SECONDS["postgres"])


def _one_by_one(connection: object) -> tuple[str, list[str]]:
    numbers = {row[0] for query in _TABLES for row in connection.execute(query).fetchall()}
    version = connection.execute("select version from ops.publication").fetchone()[0]
    return version, sorted(numbers)
