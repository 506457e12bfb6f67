"""The judges of the kills: where a run is, what readers saw, what differs, what was left."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from evaluation.crash import command, homes, readers
from evaluation.crash.moments import (
    AFTER,
    BEFORE,
    COMMITTING,
    FOLLOWING,
    PLACES,
    SWAPPING,
    WRITING,
    Moment,
    Watch,
    draw_moments,
)
from evaluation.crash.trial import Outcome, Twin
from evaluation.crash.verdict import State, is_whole, leftovers, state_of
from orchestration.lock import RunLock
from tests.orchestration.conftest import SmallHome


def test_every_place_has_its_turn_and_a_seed_draws_the_same() -> None:
    moments = draw_moments(2 * len(PLACES), seed=3)
    assert set(Counter(moment.place for moment in moments).values()) == {2}
    assert moments == draw_moments(2 * len(PLACES), seed=3)
    assert moments != draw_moments(2 * len(PLACES), seed=4)
    assert len(draw_moments(7, seed=3)) == 7


def test_a_trial_that_fails_is_told_and_a_worker_that_dies_ends_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of two workers the second has the trials 2 and 4."""

    def try_moments(_base: object, folder: Path, moments: list[Moment], _twin: object) -> Outcome:
        if folder.name == "trial-001":
            raise ValueError("no copy")
        if folder.name == "trial-002":
            os._exit(9)
        return Outcome(moments, healed_with=0)

    monkeypatch.setattr(command, "try_moments", try_moments)
    site = homes.site_of(tmp_path)
    twin = Twin(State("", {}, {}, {}), {})
    outcomes = dict(command._outcomes(site, tmp_path, draw_moments(4, seed=1), twin, jobs=2))
    assert {number: outcome.is_good for number, outcome in outcomes.items()} == {1: False, 3: True}
    assert outcomes[1].complaints == ["the trial itself failed: ValueError('no copy')"]


def test_a_run_is_followed_through_its_publication(small: SmallHome) -> None:
    small.publish("first", 1)
    home = small.home
    watch = Watch(home)
    assert watch.place() == BEFORE
    run = small.run("second", 2)
    run.take_back("build_marts")
    assert watch.place() == "build_marts"
    run.leave("build_marts", is_whole=True)
    assert watch.place() == "build_marts"
    (home.versions / ".9.tmp").mkdir()
    assert watch.place() == WRITING
    (home.versions / ".9.tmp").rename(home.versions / "9")
    assert watch.place() == SWAPPING
    home.work_warehouse.replace(home.current)
    assert watch.place() == COMMITTING
    (home.versions / "9" / "crm.duckdb").write_bytes(b"new")
    temporary = home.root / "manifest"
    temporary.write_text(json.dumps({"version": "9"}))
    temporary.replace(home.manifest)
    assert watch.place() == FOLLOWING
    home.served.unlink()
    os.link(home.versions / "9" / "crm.duckdb", home.served)
    assert watch.place() == AFTER


@pytest.mark.parametrize(
    ("rows", "runs", "is_one"), [(2, "9", True), (3, "9", False), (2, "8", False)]
)
def test_a_read_of_two_versions_is_torn(tmp_path: Path, rows: int, runs: str, is_one: bool) -> None:
    served = tmp_path / "crm.duckdb"
    with duckdb.connect(str(served)) as connection:
        connection.execute("create schema ops; create schema marts")
        connection.execute("create table ops.publication as select '9' as version")
        connection.execute(f"create table ops.runs as select '{runs}' as version")
        for mart in ("customer_360", "fct_sales_line"):
            connection.execute(f"create table marts.{mart} as from range(2)")
    (tmp_path / "9").mkdir()
    tables = {"customer_360": {"rows": 2}, "fct_sales_line": {"rows": rows}}
    (tmp_path / "9" / "manifest.json").write_text(json.dumps({"tables": tables}))
    assert readers._read_once(served, tmp_path, 0.0) == ("9", is_one)


def test_states_differ_by_date_digest_rows_and_doubled_rows() -> None:
    twin = State("2026-10-01", {"a": "1", "b": "2"}, {"raw_pos.x": 3}, {"raw_pos.x": 0})
    assert replace(twin).differences(twin) == []
    other = State("2026-09-30", {"a": "1", "b": "3"}, {"raw_pos.x": 4}, {"raw_pos.x": 1})
    assert other.differences(twin) == [
        "as of 2026-09-30, not 2026-10-01",
        "digest of b",
        "rows of raw_pos.x",
        "doubled rows of raw_pos.x",
    ]


def test_a_row_that_two_loads_brought_is_doubled(small: SmallHome) -> None:
    small.publish("first", 1)
    assert state_of(small.home).doubled["raw_pos.stores"] == 0
    with duckdb.connect(str(small.home.current)) as connection:
        for load in ("one", "two"):
            connection.execute(
                "insert into raw_pos.stores (store_id, _file, _line, _load_id) "
                f"values ('S1', 'stores.csv', 2, '{load}')"
            )
    state = state_of(small.home)
    assert state.doubled["raw_pos.stores"] == 1
    assert state.rows["raw_pos.stores"] == 2


def test_everything_that_a_dead_run_leaves_is_named(small: SmallHome) -> None:
    small.publish("first", 1)
    RunLock.acquire(small.home.lock)
    RunLock.release(small.home.lock)
    assert leftovers(small.home) == []
    small.run("dead", 2)
    (small.home.versions / ".9.tmp").mkdir()
    (small.home.published / ".crm.tmp").touch()
    RunLock.acquire(small.home.lock)
    found = leftovers(small.home)
    RunLock.release(small.home.lock)
    assert sorted(found) == [
        "published/.crm.tmp is left",
        "published/versions/.9.tmp is left",
        "run dead is running in the journal",
        "the lock is held",
        "work is left",
    ]


def test_a_served_file_that_is_not_its_manifests_is_found(small: SmallHome) -> None:
    small.publish("first", 1)
    assert is_whole(small.home) == []
    small.home.served.chmod(0o644)
    with duckdb.connect(str(small.home.served)) as connection:
        connection.execute("delete from marts.fct_sale where sale_id < 5")
    assert is_whole(small.home) == ["marts.fct_sale has not the rows of its manifest"]
