"""Decisions of people about identity, read from their file."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from identity import ledger
from identity.overrides import load_overrides, read_overrides, record_hash
from ingestion.errors import ConfigurationError

KEY = b"key"
HEADER = "action,source_system_a,source_id_a,source_system_b,source_id_b,reason\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "overrides.csv"


def write(path: Path, *lines: str) -> Path:
    path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8-sig")
    return path


def test_ids_are_hashed_as_the_records_are(path: Path) -> None:
    write(path, "never,pos,M1,email,S1,双子", "always, pos ,Ｍ２,support,r9,")
    rows = read_overrides(path, KEY)
    assert rows[0][:5] == (
        "never",
        "pos",
        record_hash(KEY, "pos", "M1"),
        "email",
        record_hash(KEY, "email", "S1"),
    )
    assert rows[0][5:] == ("双子", "overrides.csv", 2)
    assert rows[1][2] == record_hash(KEY, "pos", "m2")


def test_the_file_is_the_whole_truth(path: Path) -> None:
    with duckdb.connect() as connection:
        ledger.prepare(connection)
        write(path, "never,pos,M1,email,S1,", "always,pos,M2,pos,M3,")
        assert load_overrides(connection, path, KEY) == 2
        write(path, "always,pos,M2,pos,M3,")
        assert load_overrides(connection, path, KEY) == 1
        found = connection.sql("select action from identity.overrides").fetchall()
        assert found == [("always",)]
        assert load_overrides(connection, None, KEY) == 0
        assert connection.sql("from identity.overrides").fetchall() == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("perhaps,pos,M1,pos,M2,", 'line 2: action is "always" or "never"'),
        ("never,till,M1,pos,M2,", "line 2: source_system_a is one of pos, email, support"),
        ("never,pos,M1,pos,,", "line 2: source_id_b is empty"),
        ("never,pos,M1,pos,M1,", "line 2: both sides are the same record"),
    ],
)
def test_a_wrong_line_is_named_and_its_ids_are_not(path: Path, line: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_overrides(write(path, line), KEY)
    assert message in str(caught.value)
    assert "M1" not in str(caught.value)


def test_two_decisions_must_not_contradict_each_other(path: Path) -> None:
    write(path, "never,pos,M1,pos,M2,", "always,pos,M2,pos,M1,")
    with pytest.raises(ConfigurationError, match='line 3: an earlier line decides "never"'):
        read_overrides(path, KEY)


def test_a_missing_column_and_a_missing_file_are_said(path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such file"):
        read_overrides(path, KEY)
    path.write_text("action,source_id_a\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="line 1: no column source_system_a"):
        read_overrides(path, KEY)
