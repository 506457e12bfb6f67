"""A warehouse of people alone, of any size: what identity reads, without sales and mails.

The planted retailer's records go through ingestion's own normalisation into the tables that raw,
`pii` and staging would hold. Only identity can be run on it.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow

from demo import records as demo_records
from demo.calendar import BASE_DAYS
from demo.scale import Scale
from demo.world import World
from identity import ledger
from ingestion.contract import FEEDS, Table
from ingestion.engine import connect
from ingestion.normalisation.keys import ROW, identity_keys
from ingestion.personal import DEMO_KEY

if TYPE_CHECKING:
    import duckdb

RECORDS_PER_PERSON = 1.3
"""A retailer has at least so many records a person at the end of its base history."""

_PERSON_TABLES = {
    "pos.members": "joined_at",
    "email.subscribers": "consented_at",
    "support.requesters": "updated_at",
}
"""Tables of persons, with the column that says since when a record is there."""

_PEOPLE_PER_STORE = 5_000
_SEED = 1
_RULES = Path(__file__).resolve().parent.parent / "dbt_project" / "seeds" / "identity_rules.csv"
_PROVENANCE = {"_extra": "null", "_file": "''", "_line": f"rows.{ROW}", "_load_id": "''"}


def write_people(path: Path, records: int) -> None:
    """Write a warehouse with the oldest `records` records of a retailer that is big enough."""
    people = math.ceil(records / RECORDS_PER_PERSON)
    stores = max(people // _PEOPLE_PER_STORE, 1)
    world = World(_SEED, Scale("people", people, stores))
    parts: dict[str, list[pyarrow.Table]] = {name: [] for name in _PERSON_TABLES}
    for name, rows in demo_records.deliver(world, 0, BASE_DAYS - 1):
        if name in parts:
            parts[name].append(rows)
    with connect(path) as connection:
        ledger.prepare(connection)
        for schema in ("staging", "intermediate", "pii", "seeds"):
            connection.execute(f"create schema {schema}")
        connection.execute(f"create table seeds.identity_rules as from '{_RULES}'")
        for name in parts:
            _write_table(connection, _table(name), pyarrow.concat_tables(parts[name]))
        _write_empty_inputs(connection)
        _write_ages(connection)
        show_oldest(connection, records)


def show_oldest(connection: duckdb.DuckDBPyConnection, records: int) -> None:
    """Make staging hold the oldest records, so many."""
    for name in _PERSON_TABLES:
        table = _table(name)
        connection.execute(
            f"create or replace table {_staged(table)} as select raw.*, "
            f"cast({_PERSON_TABLES[name]} as date) as joined_date "
            f"from {table.qualified_name} as raw join main.ages "
            f"on source_system = '{table.feed_name}' and source_id = raw.{table.key[0]}_hash "
            f"where age <= {records}"
        )


def _table(name: str) -> Table:
    feed, _, table = name.partition(".")
    return next(t for t in FEEDS[feed].tables if t.name == table)


def _staged(table: Table) -> str:
    return f"staging.stg_{table.feed_name}__{table.name}"


def _write_table(connection: duckdb.DuckDBPyConnection, table: Table, rows: pyarrow.Table) -> None:
    """Raw with keys and (unkeyed) hashes, and `pii` with the plain values."""
    rows = rows.append_column(ROW, pyarrow.array(range(len(rows)), pyarrow.int64()))
    connection.register("rows", rows)
    connection.register("keys", _keys(table, rows))
    raw = ", ".join(f"{_raw(table, name, rows)} as {name}" for name in table.raw_columns)
    pii = ", ".join(f"{_raw(table, name, rows)} as {name}" for name in table.pii_columns)
    connection.execute(f"create schema if not exists {table.dataset}")
    connection.execute(
        f"create table {table.qualified_name} as select {raw} from rows join keys using ({ROW})"
    )
    connection.execute(f"create table pii.{table.pii_name} as select {pii} from rows")
    connection.unregister("rows")
    connection.unregister("keys")


def _keys(table: Table, rows: pyarrow.Table) -> pyarrow.Table:
    sources = [name for name in table.key_sources if name in rows.column_names]
    return identity_keys(table, rows.select([ROW, *sources]), DEMO_KEY)


def _raw(table: Table, name: str, rows: pyarrow.Table) -> str:
    """SQL for a column of raw or `pii` over `rows` and `keys`."""
    if name in _PROVENANCE:
        return _PROVENANCE[name]
    if name in table.identity_keys:
        return f"keys.{name}"
    plain = name.removesuffix("_hash")
    if plain not in rows.column_names:
        return "null"
    return f"rows.{name}" if plain == name else f"md5(rows.{plain})"


def _write_empty_inputs(connection: duckdb.DuckDBPyConnection) -> None:
    """Nobody linked a LINE account, and no sale names a person who is in no master."""
    table = _table("support.chat_links")
    columns = ", ".join(f"{name} {kind.value}" for name, kind in table.raw_columns.items())
    connection.execute(f"create table {_staged(table)} ({columns})")
    connection.execute(
        "create table intermediate.int_identity_unknown_ids (source_system text, source_id text)"
    )


def _write_ages(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `main.ages`: source system, id and age of each record, 1 being the oldest."""
    seen = " union all ".join(
        f"select '{_table(name).feed_name}' as source_system, "
        f"{_table(name).key[0]}_hash as source_id, coalesce({since}, updated_at) as since "
        f"from {_table(name).qualified_name}"
        for name, since in _PERSON_TABLES.items()
    )
    connection.execute(
        "create table main.ages as select source_system, source_id, "
        f"row_number() over (order by since, source_system, source_id) as age from ({seen})"
    )
