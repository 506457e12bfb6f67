"""Nights of pure accident: is the partition of a night that of a full run, whatever happens?

The demo's nights bring new people and few surprises. Here records also change keys, lose them,
take each other's, vanish and come back, and a few values wander over the limits at which a key is
shared or blocked. After each night the same records are worked out in full, with the same ledger.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation.identity_models import compile_models
from evaluation.people import show_oldest, write_people
from identity import ledger
from ingestion.engine import connect

if TYPE_CHECKING:
    import duckdb

NEW_RECORDS, CHANGES, VANISHED = 30, 120, 15
"""What a night brings."""

_KEYS = {
    "raw_pos.members": (
        *("email_key", "phone_key", "line_key", "address_key", "birth_date"),
        *("full_name_key", "given_name_key", "full_kana_key", "given_kana_key", "full_romaji_key"),
    ),
    "raw_email.subscribers": ("email_key", "full_name_key", "full_kana_key", "full_romaji_key"),
    "raw_support.requesters": ("email_key", "phone_key", "line_key", "full_kana_key"),
}
_WANDERING = (7, 77, 177)
"""Lines whose values many records take and give up again."""
_TAKERS = 60
_STATE = (
    "select record_id, component, customer_key from intermediate.int_identity_partition "
    "join intermediate.int_customer_links using (record_id) "
    "join intermediate.int_customer_anchors using (minted_number) where unlinked_on is null"
)


@dataclass(frozen=True)
class RandomNight:
    """What a night did: records worked out again, customers merged or split, and the records
    whose cluster or key differs from a full run's."""

    touched: int
    changes: int
    different: int


def main(work: Path, records: int, nights: int, seed: int) -> int:
    """Run the nights and print a row each; 1 when one differs from a full run.

    Args:
        work: folder for the warehouse `random-nights`, made anew.
    """
    folder = work / "random-nights"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    print(f"{'night':>5}{'touched':>10}{'changes':>10}{'different':>11}")
    status = 0
    for number, night in enumerate(run(folder / "warehouse.duckdb", records, nights, seed), 1):
        print(
            f"{number:>5}{night.touched:>10,}{night.changes:>10,}{night.different:>11,}", flush=True
        )
        status = max(status, int(night.different > 0))
    return status


def run(warehouse: Path, records: int, nights: int, seed: int) -> Iterator[RandomNight]:
    """Make a warehouse of people, and judge so many nights on it."""
    write_people(warehouse, records)
    in_full = compile_models(warehouse, full=True)
    of_a_night = compile_models(warehouse, full=False)
    rng = random.Random(seed)
    first = records - nights * NEW_RECORDS
    with connect(warehouse) as connection:
        show_oldest(connection, first)
        _build(connection, in_full)
        ledger.keep(connection)
        for number in range(1, nights + 1):
            _disturb(connection, rng, first)
            show_oldest(connection, first + number * NEW_RECORDS)
            _hide(connection, rng, first)
            yield _judge(connection, in_full, of_a_night)


def _judge(
    connection: duckdb.DuckDBPyConnection, in_full: list[str], of_a_night: list[str]
) -> RandomNight:
    wanted = _build(connection, in_full)
    found = _build(connection, of_a_night)
    touched = _count(connection, "intermediate.int_identity_touched")
    known = _count(connection, "identity.customer_key_changes")
    ledger.keep(connection)
    return RandomNight(
        touched=touched,
        changes=_count(connection, "identity.customer_key_changes") - known,
        different=len(found ^ wanted),
    )


def _build(connection: duckdb.DuckDBPyConnection, statements: list[str]) -> set[tuple]:
    """Build the models; each record with its cluster and customer key."""
    for statement in statements:
        connection.execute(statement)
    return set(connection.execute(_STATE).fetchall())


def _disturb(connection: duckdb.DuckDBPyConnection, rng: random.Random, records: int) -> None:
    """Give records the value that another one has, or none."""
    for _ in range(CHANGES):
        table = rng.choices(list(_KEYS), weights=(4, 1, 1))[0]
        key = rng.choice(_KEYS[table])
        line = rng.randrange(rng.choice((_TAKERS, records)))
        giver = rng.choice((*_WANDERING, rng.randrange(records)))
        value = f"(select {key} from {table} where {key} is not null and _line >= {giver} "
        value += "order by _line limit 1)"
        connection.execute(
            f"update {table} set {key} = {'null' if rng.random() < 0.3 else value} "
            f"where _line = {line}"
        )


def _hide(connection: duckdb.DuckDBPyConnection, rng: random.Random, records: int) -> None:
    """Take records out of the sources for this night."""
    lines = ", ".join(str(rng.randrange(records)) for _ in range(VANISHED))
    connection.execute(f"delete from staging.stg_pos__members where _line in ({lines})")


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    (count,) = connection.execute(f"select count(*) from {table}").fetchone()
    return count
