"""Splink's links: near-equal records of one person, nobody else's, the same ones every time."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import duckdb
import pyarrow
import pytest

from identity.plain_records import COLUMNS, plain_records
from identity.splink_edges import MIN_RECORDS, find_edges, write_edges
from ingestion.contract import FEEDS
from ingestion.errors import ConfigurationError

PEOPLE = 400
SYLLABLES = ("ka", "mi", "to", "ri", "sa", "no", "ha", "yu", "ke", "wa")


def drawn_name(rng: random.Random) -> str:
    return "".join(rng.choices(SYLLABLES, k=3))


def with_typing_error(rng: random.Random, text: str) -> str:
    place = rng.randrange(1, len(text) - 1)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


@pytest.fixture(scope="module")
def records() -> pyarrow.Table:
    """Two records a person: the second has a typing error in its name and a new phone number."""
    rng = random.Random(7)
    rows = []
    for person in range(PEOPLE):
        given, family = drawn_name(rng), drawn_name(rng)
        row = dict.fromkeys(COLUMNS) | {
            "source_system": "pos",
            "source_id": f"{person:04d}-a",
            "romaji": f"{family} {given}",
            "given_romaji": given,
            "birth_date": f"{rng.randint(1940, 2005)}-{rng.randint(1, 12):02d}-05",
            "email": f"{drawn_name(rng)}{person}@mail.jp" if person % 2 else None,
            "phone": f"+8190{rng.randint(10**7, 10**8 - 1)}",
            "address": f"{drawn_name(rng)} {rng.randint(1, 99)}",
        }
        other = row | {
            "source_system": "email",
            "source_id": f"{person:04d}-b",
            "romaji": with_typing_error(rng, row["romaji"]),
            "phone": f"+8190{rng.randint(10**7, 10**8 - 1)}",
        }
        rows += [row, other]
    schema = pyarrow.schema([(name, pyarrow.string()) for name in COLUMNS])
    return pyarrow.Table.from_pylist(rows, schema=schema)


def people(edges: pyarrow.Table) -> set[tuple[str, str]]:
    return {(row["source_id_a"][:4], row["source_id_b"][:4]) for row in edges.to_pylist()}


def test_records_with_typing_errors_are_linked_and_strangers_are_not(
    records: pyarrow.Table,
) -> None:
    found = people(find_edges(records))
    assert all(one == other for one, other in found)
    assert len(found) > 0.95 * PEOPLE


def test_the_order_of_records_changes_nothing(records: pyarrow.Table) -> None:
    shuffled = list(range(records.num_rows))
    random.Random(1).shuffle(shuffled)
    assert find_edges(records.take(shuffled)).equals(find_edges(records))


def test_a_lower_threshold_only_adds(records: pyarrow.Table) -> None:
    some, more = find_edges(records, 0.999), find_edges(records, 0.5)
    assert people(some) <= people(more)
    assert min(some["match_probability"].to_pylist()) >= 0.999


def test_a_contact_of_a_crowd_is_no_evidence(records: pyarrow.Table) -> None:
    def with_contacts(phone: str | None, email: str | None) -> pyarrow.Table:
        rows = [row | {"phone": phone, "email": email} for row in records.to_pylist()]
        return pyarrow.Table.from_pylist(rows, schema=records.schema)

    crowded = find_edges(with_contacts("+81300000000", "shop@mail.jp"))
    assert crowded.num_rows
    assert crowded.equals(find_edges(with_contacts(None, None)))


def test_few_records_teach_nothing(records: pyarrow.Table) -> None:
    edges = find_edges(records.slice(0, MIN_RECORDS - 1))
    assert edges.num_rows == 0
    assert edges.column_names == [
        *("source_system_a", "source_id_a", "source_system_b", "source_id_b"),
        "match_probability",
    ]


def test_without_splink_the_message_says_what_to_install(
    records: pyarrow.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "splink", None)
    with pytest.raises(ConfigurationError, match=r"tokui\[splink\]"):
        find_edges(records)


@pytest.fixture
def warehouse(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """A warehouse with the empty tables that records are read from."""
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("create schema staging; create schema pii")
        for feed, name in (("pos", "members"), ("email", "subscribers"), ("support", "requesters")):
            table = next(t for t in FEEDS[feed].tables if t.name == name)
            connection.execute(f"create schema raw_{feed}")
            for qualified, columns in (
                (table.qualified_name, table.raw_columns),
                (f"pii.{table.pii_name}", table.pii_columns),
                (f"staging.stg_{feed}__{name}", table.raw_columns),
            ):
                declared = ", ".join(f"{column} {kind.value}" for column, kind in columns.items())
                connection.execute(f"create table {qualified} ({declared})")
        yield connection


def deliver(connection: duckdb.DuckDBPyConnection, load: str, name: str, phone: str) -> None:
    """A version of member m1; hashes stand for themselves."""
    connection.execute(
        "insert into raw_pos.members by name select 'm1' as member_id, 'h1' as member_id_hash, "
        f"'#{name}' as name_hash, '#{phone}' as phone_hash, '{load}' as _load_id, 'f' as _file, "
        "1 as _line"
    )
    connection.execute(
        f"insert into pii.pos_members by name select 'm1' as member_id, '{name}' as name, "
        f"'{phone}' as phone, '{load}' as _load_id, 'f' as _file, 1 as _line"
    )


def test_plain_values_are_those_of_the_winning_version(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    deliver(warehouse, "1", "髙橋 花子", "090-1234-1234")
    deliver(warehouse, "2", "山田 花子", "０９０－１２３４－１２３４")
    warehouse.execute(
        "insert into staging.stg_pos__members by name select 'm1' as member_id, "
        "'h1' as member_id_hash, '#髙橋 花子' as name_hash, '#090-1234-1234' as phone_hash, "
        "date '1980-02-03' as birth_date"
    )
    assert plain_records(warehouse).to_pylist() == [
        dict.fromkeys(COLUMNS)
        | {
            "source_system": "pos",
            "source_id": "h1",
            "kanji": "高橋花子",
            "given_kanji": "花子",
            "phone": "+819012341234",
            "birth_date": "1980-02-03",
        }
    ]


def test_edges_of_a_small_warehouse_are_an_empty_table(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert write_edges(warehouse) == 0
    assert warehouse.execute("select count(*) from prediction.identity_edges").fetchone() == (0,)
