"""Who is one person: the models of identity on records written for each rule, night by night."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from identity import ledger as identity_ledger
from ingestion import ledger
from ingestion.normalisation.emails import normalised_email
from ingestion.personal import DEMO_KEY, identity_hash

MODELS = (
    "int_identity_records",
    "int_identity_keys",
    "int_identity_key_uses",
    "int_identity_news",
    "int_identity_touched",
    "int_identity_touched_edges",
    "int_identity_components",
    "int_identity_blocks",
    "int_identity_splits",
    "int_identity_partition",
    "int_identity_edges",
    "int_customer_anchors",
    "int_customer_links",
    "int_customer_key_changes",
    "int_customer_identity",
)
STAGING = {
    "pos": ("stg_pos__members", "member_id_hash"),
    "email": ("stg_email__subscribers", "subscriber_id_hash"),
    "support": ("stg_support__requesters", "requester_id_hash"),
}
Record = tuple[str, str]


@dataclass
class Nights:
    """The compiled models of identity over staging tables that a test fills by hand."""

    connection: duckdb.DuckDBPyConnection
    statements: dict[str, str]
    rows: dict[Record, dict[str, Any]] = field(default_factory=dict)
    names: dict[Record, str] = field(default_factory=dict)

    def put(self, name: str, **values: Any) -> None:
        """Add or change a record: `m1` a member, `s1` a subscriber, `r1` a requester."""
        self.rows[record(name)] = values
        self.names[record(name)] = name

    def decide(self, action: str, a: str, b: str) -> None:
        self.connection.execute(
            "insert into identity.overrides values (?, ?, ?, ?, ?, '', '', 1)",
            [action, *record(a), *record(b)],
        )

    def run(self, full: bool = False) -> None:
        """One night; in full, last night's links are forgotten and the customers' keys are not."""
        self._fill()
        if full:
            for table in ("records", "clusters", "edges"):
                self.connection.execute(f"delete from identity.{table}")
        for model, sql in self.statements.items():
            self.connection.execute(f"create or replace table intermediate.{model} as {sql}")
        identity_ledger.keep(self.connection)

    def keys(self) -> dict[Record, str]:
        """Customer key of each record."""
        found = self.connection.execute(
            "select source_system, source_id, customer_key from intermediate.int_customer_identity"
        ).fetchall()
        assert len(found) == len(self.rows)
        return {(system, source_id): key for system, source_id, key in found}

    def people(self) -> set[frozenset[str]]:
        """Names of the records of each person."""
        people: dict[str, set[str]] = {}
        for found, key in self.keys().items():
            people.setdefault(key, set()).add(self.names[found])
        return {frozenset(names) for names in people.values()}

    def are_one(self, *names: str) -> bool:
        keys = self.keys()
        return len({keys[record(name)] for name in names}) == 1

    def changes(self) -> list[tuple[str, int]]:
        return self.connection.execute(
            "select change_type, n_records from intermediate.int_customer_key_changes "
            "order by change_number"
        ).fetchall()

    def rule(self, name: str) -> str:
        return self.connection.execute(
            "select match_rule from intermediate.int_customer_identity "
            "where source_system = ? and source_id = ?",
            record(name),
        ).fetchone()[0]

    def _fill(self) -> None:
        for system, (table, id_column) in STAGING.items():
            self.connection.execute(f"delete from staging.{table}")
            for (own_system, source_id), values in self.rows.items():
                if own_system != system:
                    continue
                row = {id_column: source_id} | values
                names, marks = ", ".join(row), ", ".join("?" for _ in row)
                self.connection.execute(
                    f"insert into staging.{table} ({names}) values ({marks})", list(row.values())
                )


def record(name: str) -> Record:
    """System and id hash of a short name."""
    system = {"m": "pos", "s": "email", "r": "support"}[name[0]]
    return system, hashlib.sha256(name.encode()).hexdigest()


@pytest.fixture(scope="module")
def statements(compiled_project: Path) -> dict[str, str]:
    folder = next((compiled_project / "compiled").rglob("intermediate/identity"))
    return {name: (folder / f"{name}.sql").read_text(encoding="utf-8") for name in MODELS}


@pytest.fixture(scope="module")
def skeleton(tmp_path_factory: pytest.TempPathFactory, compiled_project: Path) -> Path:
    """A warehouse with the empty staging tables that identity reads."""
    path = tmp_path_factory.mktemp("identity") / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        ledger.prepare(connection, profile="test", fingerprint="test")
        connection.execute("create schema staging; create schema intermediate; create schema seeds")
        root = Path(__file__).resolve().parents[2] / "dbt_project"
        connection.execute(
            "create table seeds.identity_rules as from read_csv(?)",
            [str(root / "seeds" / "identity_rules.csv")],
        )
        connection.execute(
            "create table intermediate.int_identity_unknown_ids "
            "(source_system varchar, source_id varchar)"
        )
        for table in [*(name for name, _ in STAGING.values()), "stg_support__chat_links"]:
            feed = table.split("_")[1]
            sql = next(
                (compiled_project / "compiled").rglob(f"staging/{feed}/{table}.sql")
            ).read_text(encoding="utf-8")
            connection.execute(f"create table staging.{table} as {sql}")
    return path


@pytest.fixture
def nights(statements: dict[str, str], skeleton: Path, tmp_path: Path) -> Iterator[Nights]:
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(skeleton.read_bytes())
    with duckdb.connect(str(path)) as connection:
        yield Nights(connection, statements)


TARO = {"full_kana_key": 11, "given_kana_key": 12}
TARO_KANJI = {"full_name_key": 13, "given_name_key": 14}
HANAKO = {"full_kana_key": 21, "given_kana_key": 22}
JIRO = {"full_kana_key": 31, "given_kana_key": 32}


def test_two_members_of_one_name_with_different_phones_stay_two(nights: Nights) -> None:
    nights.put("m1", **TARO, phone_key=1)
    nights.put("m2", **TARO, phone_key=2)
    nights.run()
    assert not nights.are_one("m1", "m2")


def test_evidence_is_passed_on(nights: Nights) -> None:
    """A and B by e-mail, B and C by phone: one person."""
    nights.put("m1", **TARO, email_key=5)
    nights.put("r1", **TARO, email_key=5, phone_key=6)
    nights.put("m2", **TARO, phone_key=6)
    nights.run()
    assert nights.are_one("m1", "r1", "m2")
    assert nights.rule("m1") == "same_email"
    assert nights.rule("m2") == "same_phone"


def test_the_letters_of_an_address_make_no_second_person(nights: Nights) -> None:
    key = identity_hash(DEMO_KEY, "email")
    for name, address in (("s1", "Ana@x.jp"), ("s2", "ana@x.jp")):
        normalised = normalised_email(address)
        assert normalised is not None
        nights.put(name, **TARO, email_key=key(normalised))
    nights.run()
    assert nights.are_one("s1", "s2")


def test_a_phone_on_25_records_joins_nobody(nights: Nights) -> None:
    for number in range(25):
        nights.put(f"r{number}", **TARO, phone_key=7)
    nights.run()
    assert len(nights.people()) == 25


def test_a_phone_on_20_records_still_counts(nights: Nights) -> None:
    for number in range(20):
        nights.put(f"r{number}", **TARO, phone_key=7)
    nights.run()
    assert len(nights.people()) == 1


def test_a_family_telephone_joins_people_of_one_given_name_only(nights: Nights) -> None:
    nights.put("m1", **TARO, phone_key=8)
    nights.put("m2", **HANAKO, phone_key=8)
    nights.put("r1", **HANAKO, phone_key=8)
    nights.put("r2", phone_key=8)
    nights.run()
    assert nights.people() == {frozenset({"m1"}), frozenset({"m2", "r1"}), frozenset({"r2"})}


def test_a_name_that_cannot_be_compared_is_weak_evidence(nights: Nights) -> None:
    nights.put("m1", **TARO, email_key=9)
    nights.put("s1", **TARO_KANJI, email_key=9)
    nights.run()
    assert nights.are_one("m1", "s1")
    assert nights.rule("s1") == "email_without_name"


def test_two_member_ids_never_merge_on_weak_evidence(nights: Nights) -> None:
    """Not directly, and not through a requester between them, who stays with the surer one."""
    nights.put("m1", email_key=9, **TARO)
    nights.put("m2", email_key=9, **TARO_KANJI)
    nights.put("m3", email_key=10, phone_key=11, **TARO)
    nights.put("r1", email_key=10, phone_key=12)
    nights.put("m4", phone_key=12, **HANAKO)
    nights.run()
    assert nights.people() == {
        frozenset({"m1"}),
        frozenset({"m2"}),
        frozenset({"m3", "r1"}),
        frozenset({"m4"}),
    }


def test_two_cards_of_one_name_and_birth_date_are_one_person(nights: Nights) -> None:
    nights.put("m1", **TARO, birth_date="1980-01-01", phone_key=1)
    nights.put("m2", **TARO, birth_date="1980-01-01", phone_key=2)
    nights.put("m3", **TARO, birth_date="1980-01-02", phone_key=3)
    nights.run()
    assert nights.people() == {frozenset({"m1", "m2"}), frozenset({"m3"})}


def test_a_contradicting_birth_date_outweighs_a_shared_address(nights: Nights) -> None:
    nights.put("m1", **TARO, birth_date="1950-01-01", email_key=3)
    nights.put("m2", **TARO, birth_date="1980-01-01", email_key=3)
    nights.run()
    assert not nights.are_one("m1", "m2")


def test_a_line_account_joins_whatever_the_names_say(nights: Nights) -> None:
    nights.put("m1", **TARO, line_key=4)
    nights.put("r1", **HANAKO, line_key=4)
    nights.run()
    assert nights.are_one("m1", "r1")


def test_a_record_that_names_a_member_is_the_member_s(nights: Nights) -> None:
    nights.put("m1", **TARO)
    nights.put("s1", member_id_hash=record("m1")[1], **HANAKO)
    nights.run()
    assert nights.are_one("m1", "s1")
    assert nights.rule("s1") == "same_member_id"


def test_a_conflict_gives_up_the_weakest_links(nights: Nights) -> None:
    """Two given names in one chain: it parts where the evidence is weakest."""
    nights.put("m1", **TARO, birth_date="1980-01-01", email_key=1)
    nights.put("r1", **TARO, email_key=1, phone_key=2)
    nights.put("r2", phone_key=2, email_key=3)
    nights.put("r3", **HANAKO, email_key=3)
    nights.run()
    assert nights.people() == {frozenset({"m1", "r1"}), frozenset({"r2", "r3"})}


def test_a_crowd_keeps_its_strong_links_alone(nights: Nights) -> None:
    nights.put("r0", **TARO, email_key=100)
    nights.put("r1", **TARO, email_key=100, phone_key=102)
    for number in range(1, 16):
        nights.put(f"r{number + 1}", email_key=100 + number, phone_key=100 + number + 1)
        nights.put(f"s{number}", email_key=100 + number - 1)
        nights.put(f"r{number + 50}", phone_key=100 + number + 1, email_key=100 + number + 1)
    nights.run()
    assert nights.are_one("r0", "r1")
    assert {len(person) for person in nights.people()} == {1, 2}


def test_decisions_win_over_all(nights: Nights) -> None:
    nights.put("m1", **TARO, email_key=1)
    nights.put("r1", **TARO, email_key=1, phone_key=2)
    nights.put("m2", **TARO, phone_key=2)
    nights.put("m3", **HANAKO)
    nights.decide("always", "m3", "m2")
    nights.decide("never", "m1", "m2")
    nights.run()
    # The requester stays where the surer evidence is: an e-mail address before a telephone.
    assert nights.people() == {frozenset({"m1", "r1"}), frozenset({"m2", "m3"})}


def test_several_decisions_about_one_person_all_hold(nights: Nights) -> None:
    """m1 and m2 are two cards of one person, and neither is the subscriber's."""
    for name in ("m1", "m2"):
        nights.put(name, **TARO, birth_date="1980-01-01", email_key=1)
    nights.put("s1", **TARO, email_key=1)
    nights.decide("never", "m1", "s1")
    nights.decide("never", "m2", "s1")
    nights.run()
    assert nights.people() == {frozenset({"m1", "m2"}), frozenset({"s1"})}


def test_a_merge_keeps_the_older_key_and_is_undone_by_a_decision(nights: Nights) -> None:
    nights.put("m1", **TARO, phone_key=1, joined_at="2024-01-01")
    nights.run()
    nights.put("m2", **TARO, email_key=2, joined_at="2020-01-01")
    nights.run()
    before = nights.keys()
    nights.put("r1", **TARO, phone_key=1, email_key=2)
    nights.run()
    assert nights.are_one("m1", "m2", "r1")
    # m2 joined earlier, but the warehouse met it later: a late, older record moves no anchor.
    assert set(nights.keys().values()) == {before[record("m1")]}
    assert nights.changes() == [("merge", 1)]
    nights.decide("never", "m1", "m2")
    nights.run()
    after = nights.keys()
    assert {name: after[name] for name in before} == before
    # The requester goes where the e-mail address is, with the card that takes its old key back.
    assert nights.changes() == [("merge", 1), ("split", 2)]


def test_a_record_that_goes_to_another_living_customer_moves(nights: Nights) -> None:
    nights.put("m1", **TARO, email_key=1)
    nights.put("m2", **TARO, email_key=2)
    nights.put("s1", **TARO, email_key=1)
    nights.run()
    nights.put("s1", **TARO, email_key=2)
    nights.run()
    assert nights.are_one("m2", "s1")
    assert nights.changes() == [("move", 1)]


def test_a_key_outlives_the_record_it_was_named_after(nights: Nights) -> None:
    nights.put("m1", **TARO, email_key=1, joined_at="2020-01-01")
    nights.put("s1", **TARO, email_key=1)
    nights.run()
    before = nights.keys()[record("s1")]
    gone = nights.rows.pop(record("m1"))
    nights.run()
    assert nights.keys() == {record("s1"): before}
    nights.rows[record("m1")] = gone | {"email_key": 99}
    nights.run()
    after = nights.keys()
    assert after[record("s1")] == before != after[record("m1")]
    assert nights.changes() == []


def test_a_second_identical_night_changes_nothing(nights: Nights) -> None:
    _random_records(nights, random.Random(4), 200)
    nights.run()
    tables = [*nights.statements]
    before = {
        t: nights.connection.sql(f"from intermediate.{t} order by all").fetchall()
        for t in tables
        if not {"touched", "components", "news", "blocks", "splits"} & set(t.split("_"))
    }
    nights.run()
    for table, rows in before.items():
        assert nights.connection.sql(f"from intermediate.{table} order by all").fetchall() == rows
    assert nights.connection.sql("from intermediate.int_identity_touched").fetchall() == []


def test_a_night_gives_the_partition_of_a_full_rebuild(nights: Nights) -> None:
    """Small pools of keys, so that keys become shared and blocked and clusters meet and part.

    `python -m evaluation random-nights` does it with thousands of records, for a month.
    """
    dice = random.Random(1)
    _random_records(nights, dice, 150)
    nights.run()
    for _ in range(4):
        _random_records(nights, dice, 6)
        for gone in dice.sample(sorted(nights.rows), 3):
            del nights.rows[gone]
        if dice.random() < 0.5:
            a, b = dice.sample(sorted(nights.rows), 2)
            nights.decide(dice.choice(["always", "never"]), nights.names[a], nights.names[b])
        nights.run()
        touched = nights.connection.sql("from intermediate.int_identity_touched").fetchall()
        assert 0 < len(touched) < len(nights.rows)
        by_night, keys = nights.people(), nights.keys()
        edges = nights.connection.sql(
            "from intermediate.int_identity_edges order by all"
        ).fetchall()
        nights.run(full=True)
        assert nights.people() == by_night
        assert nights.keys() == keys
        assert (
            nights.connection.sql("from intermediate.int_identity_edges order by all").fetchall()
            == edges
        )


def _random_records(nights: Nights, dice: random.Random, number: int) -> None:
    for _ in range(number):
        name = f"{dice.choice('msr')}{dice.randrange(400)}"
        person = dice.randrange(60)
        values = {
            "email_key": dice.choice([None, person, dice.randrange(60), 1000]),
            "full_name_key": dice.choice([None, person % 30]),
            "full_kana_key": dice.choice([None, person % 30]),
            "given_kana_key": dice.choice([None, person % 20]),
        }
        if name[0] != "s":
            values["phone_key"] = dice.choice([None, person, dice.randrange(40), 2000])
            values["line_key"] = dice.choice([None, None, None, dice.randrange(80)])
        if name[0] == "m":
            values["birth_date"] = dice.choice([None, f"19{person % 40 + 50}-01-01"])
        nights.put(name, **values)
