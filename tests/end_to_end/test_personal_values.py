"""No name, e-mail, phone or address of a run's people appears outside of where it may stand."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sqlite3
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb
import phonenumbers
import pytest
import zstandard

from tests.conftest import Retailer
from tests.end_to_end.exported_text import exported, personal_texts, plain, texts_of
from tests.generated import GeneratedRetailer

MEMBER = "coalesce(name, family_name || ' ' || given_name)"
KANA = "coalesce(name_kana, family_kana || ' ' || given_kana)"
PERSON_TABLES = ("pii.pos_members", "pii.email_subscribers", "pii.support_requesters")
NAMES = f"""
    select {MEMBER} from pii.pos_members union select {KANA} from pii.pos_members
    union select name_romaji from pii.pos_members union select name from pii.email_subscribers
    union select name from pii.support_requesters
    union select name_kana from pii.support_requesters union select name from pii.pos_staff
"""
EMAILS = " union ".join(f"select email from {table}" for table in PERSON_TABLES)
PHONES = "select phone from pii.pos_members union select phone from pii.support_requesters"
ADDRESSES = "select address from pii.pos_members"
LINE_IDS = "select line_user_id from pii.pos_members"

PLANTED = {
    "name in kanji": (20, NAMES, r"[^ -~ァ-ヿ]*[一-鿿][^ -~ァ-ヿ]*.*", 4),
    "name in kana": (20, NAMES, r"[ァ-ヿｦ-ﾟ\s]+", 7),
    "name in Latin letters": (10, NAMES, r"[A-Za-z '\-]+", 9),
    "e-mail": (30, EMAILS, r".+@.+\..+", 12),
    "phone": (24, PHONES, r".*", 10),
    "address": (20, ADDRESSES, r".*\d.*", 6),
    "LINE id": (5, LINE_IDS, r".*", 10),
}
"""Per kind how many values are looked for, where from, their shape, and their shortest length.

A short value, such as a family name that is a town as well, may stand elsewhere by right.
"""


@dataclass(frozen=True)
class Planted:
    """A personal value of the run, and the spellings under which it is looked for."""

    kind: str
    value: str
    spellings: tuple[str, ...]


@pytest.fixture(scope="module")
def planted(generated_demo: GeneratedRetailer) -> list[Planted]:
    with duckdb.connect(str(generated_demo.home.current), read_only=True) as connection:
        return [
            Planted(kind, value, spellings(kind, value))
            for kind, (number, query, shape, length) in PLANTED.items()
            for value in _chosen(connection, kind, query, shape, length)[:number]
        ]


def _chosen(
    connection: duckdb.DuckDBPyConnection, kind: str, query: str, shape: str, length: int
) -> list[str]:
    """Fitting values in an order by chance; phones in turns by how they are written."""
    values = [str(value) for (value,) in connection.execute(query).fetchall() if value]
    fitting = [
        value
        for value in values
        if len(plain(value)) >= length
        and re.fullmatch(shape, value)
        and (kind != "phone" or _is_someones(value))
    ]
    fitting.sort(key=lambda value: hashlib.sha256(value.encode()).digest())
    return _in_turns(fitting) if kind == "phone" else fitting


def _in_turns(phones: list[str]) -> list[str]:
    """The first of each way of writing, then the second of each, and so on."""
    turns: Counter[str] = Counter()
    numbered = []
    for phone in phones:
        turns[_written(phone)] += 1
        numbered.append((turns[_written(phone)], phone))
    return [phone for _, phone in sorted(numbered, key=lambda one: one[0])]


def _is_someones(phone: str) -> bool:
    """Dummies such as 000-0000-0000 stand in every table of numbers."""
    digits = re.sub(r"\D", "", plain(phone))
    return phonenumbers.is_valid_number(_parsed(phone)) and len(set(digits[3:])) > 3


def _written(phone: str) -> str:
    return re.sub(r"[0-9]+", "9", re.sub(r"[０-９]+", "９", phone))


def _parsed(phone: str) -> phonenumbers.PhoneNumber:
    try:
        return phonenumbers.parse(phone, "JP")
    except phonenumbers.NumberParseException:
        return phonenumbers.PhoneNumber()


def spellings(kind: str, value: str) -> tuple[str, ...]:
    """The value as it is, and for a phone every way in which a program would write it."""
    if kind != "phone":
        return (plain(value),)
    formats = phonenumbers.PhoneNumberFormat
    written = {
        phonenumbers.format_number(_parsed(value), one)
        for one in (formats.NATIONAL, formats.INTERNATIONAL, formats.E164)
    }
    digits = {re.sub(r"\D", "", one) for one in written}
    return tuple({plain(one) for one in {value} | written | digits})


@pytest.fixture(scope="module")
def told(generated_demo: GeneratedRetailer) -> dict[str, str]:
    """Everything that the run left, its logs and console included, without what is personal."""
    return dict(exported(generated_demo.root)) | {
        f"logs/{name}": text for name, text in exported(generated_demo.logs)
    }


def found(planted: list[Planted], told: dict[str, str]) -> list[str]:
    return [
        f"{one.kind} {one.value} in {where}"
        for where, text in told.items()
        for one in planted
        if any(spelling in text for spelling in one.spellings)
    ]


def test_a_hundred_values_of_every_kind_are_looked_for(planted: list[Planted]) -> None:
    assert Counter(one.kind for one in planted) == {
        kind: number for kind, (number, *_) in PLANTED.items()
    }
    assert len({one.value for one in planted}) > 100
    assert len({_written(one.value) for one in planted if one.kind == "phone"}) >= 3


def test_each_value_stands_where_it_may(
    planted: list[Planted], generated_demo: GeneratedRetailer
) -> None:
    """The control: what is looked for is there to be found."""
    personal = personal_texts(generated_demo.home.current)
    assert [one for one in planted if plain(one.value) not in personal] == []


def test_no_value_stands_anywhere_else(planted: list[Planted], told: dict[str, str]) -> None:
    assert found(planted, told) == []


@pytest.mark.parametrize(
    "part",
    [
        r"published/crm\.duckdb:marts\.customer_360",
        r"published/crm\.duckdb:ops\.check_results",
        r"published/manifest\.json",
        r"published/versions/.*/parquet/customer_360\.parquet",
        r"current/warehouse\.duckdb:raw_pos\.members",
        r"current/warehouse\.duckdb:staging\.stg_email__subscribers",
        r"current/warehouse\.duckdb:intermediate\.int_customer_identity",
        r"ops/journal\.duckdb:ops\.check_results",
        r"landing/.*/raw_support\.requesters\.parquet",
        r"dagster/history/runs\.db:runs",
        r"dagster/history/runs/[-0-9a-f]+\.db:event_logs",
        r"logs/console\.log",
    ],
)
def test_the_search_goes_through(told: dict[str, str], part: str) -> None:
    searched = [text for where, text in told.items() if re.fullmatch(part, where)]
    assert searched
    assert all(searched)


def test_the_search_goes_through_what_dagster_shows(told: dict[str, str]) -> None:
    """Figures of tables, results of checks: everything that the UI shows of a run is an event."""
    events = "".join(text for where, text in told.items() if where.startswith("dagster/history"))
    for label in ("days_since_as_of", "active_customers_90d", "rows_waiting_in_quarantine"):
        assert f'"{label}"' in events


VALUE = "山田 ﾀﾛｳ"


def _duckdb(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts; create table marts.t (s struct(a text))")
        connection.execute("insert into marts.t values ({'a': ?})", [VALUE])


def _parquet(path: Path) -> None:
    duckdb.sql(f"copy (select ['x', '{VALUE}'] as names) to '{path}' (format parquet)")


def _sqlite(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("create table events (event text)")
        connection.execute("insert into events values (?)", [json.dumps({"a": json.dumps(VALUE)})])
    connection.close()


def _sqlite_blob(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("create table snapshots (body blob)")
        connection.execute(
            "insert into snapshots values (?)", [zlib.compress(json.dumps(VALUE).encode())]
        )
    connection.close()


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("crm.duckdb", _duckdb),
        ("part.parquet", _parquet),
        ("events.db", _sqlite),
        ("snapshots.db", _sqlite_blob),
        ("run.log", lambda path: path.write_text(f"a row of {VALUE}\n")),
        ("manifest.json", lambda path: path.write_text(json.dumps([VALUE]))),
        ("run.log.gz", lambda path: path.write_bytes(gzip.compress(VALUE.encode()))),
        ("run.zst", lambda path: path.write_bytes(zstandard.compress(VALUE.encode()))),
    ],
)
def test_a_value_that_leaked_is_found(tmp_path: Path, name: str, write) -> None:
    write(tmp_path / name)
    leaked = Planted("name", "山田　タロウ", spellings("name", "山田　タロウ"))
    told = dict(texts_of(tmp_path / name, name))
    assert found([leaked], told)
    assert not found([Planted("name", "山田 ジロウ", spellings("name", "山田 ジロウ"))], told)


@pytest.mark.parametrize(
    "leak", ["+81 90-1234-5678", "+819012345678", "０９０－１２３４－５６７８", "09012345678"]
)
def test_a_phone_is_found_however_it_is_written(leak: str) -> None:
    one = Planted("phone", "090-1234-5678", spellings("phone", "090-1234-5678"))
    assert found([one], {"log": plain(leak)})


def test_values_in_a_wrong_column_of_a_refused_file_are_told_nowhere(
    demo: Retailer, published_demo: Retailer
) -> None:
    """Where values cannot be read, the reason says so without repeating one; a file of them is
    refused. A single one is set aside: `test_odd_rows`."""
    leaked = Planted("name", "漏洩 太郎", spellings("name", "漏洩 太郎"))
    lines = [f"M{9000 + n},{leaked.value},2026-10-01 00:00:00\n" for n in range(200)]
    (demo.feeds / "pos" / "members_20261002.csv").write_text(
        "会員番号,生年月日,更新日時\n" + "".join(lines), encoding="cp932"
    )
    assert demo.refresh() == 1
    told = dict(exported(demo.home.root, before=published_demo.home.root))
    assert found([leaked], told) == []
    assert "members_20261002.csv" in "".join(told.values())
