"""A warehouse of eight records, just enough of it for the evaluation to read."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

# id, e-mail, phone (as typed), usable phone key, member id, birth date, kanji name; cluster; person
RECORDS = [
    ("pos", "m1", "a@x", "dummy", None, "m1", "1980-01-01", "sato", "c1", "p1"),
    ("pos", "m2", None, "0901", 901, "m2", None, "sato", "c2", "p1"),
    ("pos", "m3", None, "dummy", None, "m3", "1980-01-01", "sato", "c1", "p2"),
    ("pos", "m4", None, "0902", 902, "m4", None, None, "c3", "p3"),
    ("email", "s1", "a@x", None, None, None, None, None, "c1", "p1"),
    ("email", "s2", None, None, None, "m2", None, None, "c2", "p1"),
    ("support", "r1", None, "0902", 902, None, None, None, "c4", "p3"),
    ("support", "r2", None, None, None, None, None, None, "c5", "p3"),
]

_ID = {"pos": "member_id", "email": "subscriber_id", "support": "requester_id"}
_TABLE = {
    "pos": "stg_pos__members",
    "email": "stg_email__subscribers",
    "support": "stg_support__requesters",
}


@pytest.fixture
def planted_home(tmp_path: Path) -> Path:
    """Home of that warehouse, with the truth beside it; p1 and p2 live together."""
    (tmp_path / "current").mkdir()
    (tmp_path / "truth").mkdir()
    with duckdb.connect(str(tmp_path / "current" / "warehouse.duckdb")) as connection:
        _build(connection)
        truth = tmp_path / "truth"
        connection.execute(
            "copy (select system as source_system, id as source_id, person as person_id "
            "from main.records union all select 'pos', 'm-of-next-year', 'p4') "
            f"to '{truth / 'records.parquet'}'"
        )
        connection.execute(
            "copy (select * from (values ('p1', 7), ('p2', 7), ('p3', 8), ('p4', 9)) "
            f"as people(person_id, household_id)) to '{truth / 'people.parquet'}'"
        )
    return tmp_path


def _build(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create schema staging; create schema intermediate")
    connection.execute(
        "create table main.records (system varchar, id varchar, email varchar, phone varchar, "
        "phone_key bigint, member_id varchar, birth_date date, name varchar, cluster varchar, "
        "person varchar)"
    )
    connection.executemany(f"insert into main.records values ({', '.join('?' * 10)})", RECORDS)
    for system, id_column in _ID.items():
        connection.execute(
            f"create table staging.{_TABLE[system]} as select id as {id_column}, "
            f"'h' || id as {id_column}_hash, email as email_hash, phone as phone_hash "
            f"from main.records where system = '{system}'"
        )
    connection.execute(
        "create table intermediate.int_identity_records as select system as source_system, "
        "'h' || id as source_id, ascii(email)::bigint as email_key, phone_key, "
        "'h' || member_id as member_source_id, birth_date, ascii(name)::bigint as full_name_key, "
        "null::bigint as line_key, null::bigint as linked_line_key, null::bigint as full_kana_key, "
        "null::bigint as full_romaji_key, null::bigint as address_key from main.records"
    )
    connection.execute(
        "create table intermediate.int_customer_identity as select system as source_system, "
        "'h' || id as source_id, cluster as customer_key from main.records "
        "union all select 'pos', 'h-of-a-receipt', 'c9'"
    )
