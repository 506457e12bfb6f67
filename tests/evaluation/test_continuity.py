"""Nights, judged on states of a few records."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from evaluation.continuity import compare_nights, count_differences, save_state

Links = dict[str, str]
Changes = list[tuple[str, str, str]]
State = Callable[..., Path]

AGES = {"old": 1, "young": 2, "third": 3}


@pytest.fixture
def state(tmp_path: Path) -> State:
    """Makes a saved state from links (record → key) and changes (type, old key, new key)."""

    def make(name: str, links: Links, changes: Changes | None = None) -> Path:
        warehouse = tmp_path / f"{name}-of" / "warehouse.duckdb"
        warehouse.parent.mkdir()
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("create schema intermediate")
            connection.execute(
                "create table intermediate.int_customer_identity "
                "(source_system text, source_id text, customer_key text)"
            )
            connection.execute(
                "create table intermediate.int_customer_anchors "
                "(customer_key text, minted_number bigint)"
            )
            connection.execute(
                "create table intermediate.int_customer_key_changes (changed_on date, "
                "change_type text, old_customer_key text, new_customer_key text)"
            )
            for record, key in links.items():
                connection.execute(
                    "insert into intermediate.int_customer_identity values ('pos', ?, ?)",
                    [record, key],
                )
            for item in AGES.items():
                connection.execute(
                    "insert into intermediate.int_customer_anchors values (?, ?)", item
                )
            for change in changes or []:
                connection.execute(
                    "insert into intermediate.int_customer_key_changes "
                    "values ('2026-10-01', ?, ?, ?)",
                    change,
                )
        save_state(warehouse, tmp_path / f"{name}.duckdb")
        return tmp_path / f"{name}.duckdb"

    return make


def test_new_records_change_nothing(state: State) -> None:
    before = state("before", {"m1": "old"})
    night = compare_nights(before, state("after", {"m1": "old", "m2": "young"}))
    assert night.is_clean
    assert (night.records, night.new, night.changed, night.merges) == (2, 1, 0, 0)


def test_a_recorded_merge_that_keeps_the_older_key_is_clean(state: State) -> None:
    before = state("before", {"m1": "old", "m2": "young"})
    after = state("after", {"m1": "old", "m2": "old"}, [("merge", "young", "old")])
    night = compare_nights(before, after)
    assert night.is_clean
    assert (night.changed, night.merges) == (1, 1)


def test_a_merge_that_keeps_the_younger_key_is_wrong(state: State) -> None:
    before = state("before", {"m1": "old", "m2": "young"})
    after = state("after", {"m1": "young", "m2": "young"}, [("merge", "old", "young")])
    night = compare_nights(before, after)
    assert night.wrong_merges == 1
    assert not night.is_clean


def test_a_change_that_nobody_recorded_is_found(state: State) -> None:
    before = state("before", {"m1": "old", "m2": "young", "m3": "young"})
    after = state("after", {"m1": "old", "m2": "old", "m3": "third"}, [("merge", "young", "old")])
    night = compare_nights(before, after)
    assert (night.changed, night.unexplained) == (2, 1)
    assert not night.is_clean


def test_a_change_of_an_earlier_night_explains_nothing(state: State) -> None:
    earlier = [("merge", "young", "old")]
    before = state("before", {"m1": "young"}, earlier)
    night = compare_nights(before, state("after", {"m1": "old"}, earlier))
    assert night.unexplained == 1


def test_a_record_that_is_gone_and_a_change_without_records_are_found(state: State) -> None:
    before = state("before", {"m1": "old", "m2": "young"})
    night = compare_nights(before, state("after", {"m1": "old"}, [("move", "young", "old")]))
    assert (night.vanished, night.empty_changes) == (1, 1)
    assert not night.is_clean


def test_differences_count_keys_and_missing_records(state: State) -> None:
    one = state("one", {"m1": "old", "m2": "young", "m3": "third"})
    assert count_differences(one, state("same", {"m3": "third", "m2": "young", "m1": "old"})) == 0
    assert count_differences(one, state("other", {"m1": "old", "m2": "old"})) == 2
