"""What is left of a run that did not end well, and what the next start makes of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from ingestion.errors import ConfigurationError
from orchestration import run as runs
from orchestration.home import Home
from orchestration.journal import Journal
from orchestration.lock import RunLock
from orchestration.refresh import settle
from orchestration.run import RefusedError, Request, Run, StoppedError, enter, heal, step
from tests.orchestration.conftest import SmallHome


@pytest.fixture
def small(make_home: Callable[..., SmallHome], monkeypatch: pytest.MonkeyPatch) -> SmallHome:
    """A published home that the environment points at."""
    small = make_home("home", "[publication]\nkeep_runs = 2\nkeep_landing_days = 3\n")
    monkeypatch.setenv("TOKUI_HOME", str(small.home.root))
    monkeypatch.setenv("TOKUI_CONFIG", str(small.settings.source))
    small.publish("first", 1)
    yield small
    RunLock.release(small.home.lock)


def _status(small: SmallHome, run_id: str) -> tuple[str, str]:
    row = small.journal.find_run(run_id)
    assert row is not None
    return row.status, row.message or ""


def _stop(small: SmallHome, run_id: str) -> Run:
    """A run that a gate stopped, as the process leaves it."""
    run = small.run(run_id, 5)
    with pytest.raises(StoppedError), step(run, "raw_gate"):
        raise StoppedError("the gate")
    return run


def test_a_run_killed_within_a_step_is_swept_and_entered(small: SmallHome) -> None:
    run = small.run("killed", 5)
    run.landing_dir.mkdir(parents=True)
    run.take_back("build_marts")
    heal(small.home, small.settings)
    assert not run.landing_dir.exists()
    assert not small.home.work.exists()
    assert not small.home.runs.exists()
    assert _status(small, "killed") == (
        "killed",
        "the process ended without a word; nothing was published",
    )


def test_a_run_killed_before_it_wrote_its_state_is_entered(small: SmallHome) -> None:
    run = small.run("early", 5)
    (small.home.work / "run.json").unlink()
    heal(small.home, small.settings)
    assert _status(small, run.run_id)[0] == "killed"
    assert not small.home.work.exists()


@pytest.mark.parametrize("text", ["", "{", '{"run_id": "torn', "\x00\x00"])
def test_a_state_that_cannot_be_read_does_not_stop_the_next_run(
    small: SmallHome, text: str
) -> None:
    small.run("torn", 5)
    (small.home.work / "run.json").write_text(text)
    run = enter("next", Request())
    assert run.run_id == "next"
    assert small.number_of_warehouse(small.home.work_warehouse) == 1
    assert _status(small, "torn")[0] == "killed"


def test_a_stopped_run_is_kept_for_inspection(small: SmallHome) -> None:
    _stop(small, "stopped")
    heal(small.home, small.settings)
    assert small.number_of(small.home.runs / "stopped" / "crm.duckdb") == 5
    assert _status(small, "stopped") == ("stopped", "the gate")


def test_a_part_of_the_job_that_ended_well_is_kept_and_called_partial(small: SmallHome) -> None:
    run = small.run("part", 5)
    with step(run, "open_warehouse"):
        pass
    heal(small.home, small.settings)
    assert (small.home.runs / "part").exists()
    assert _status(small, "part") == (
        "partial",
        "the run ended after open_warehouse; nothing was published",
    )


def test_a_published_run_leaves_no_copy(small: SmallHome) -> None:
    """The UI ends a run without settling it."""
    run = small.run("green", 5)
    small.journal.finish_run(run.run_id, "published")
    heal(small.home, small.settings)
    assert not small.home.work.exists()
    assert not small.home.runs.exists()


def test_an_interrupted_step_is_a_crash(small: SmallHome) -> None:
    run = small.run("interrupted", 5)
    with pytest.raises(KeyboardInterrupt), step(run, "build_marts"):
        raise KeyboardInterrupt
    assert settle(small.home, run.run_id) == 4
    assert _status(small, "interrupted") == (
        "crashed",
        "build_marts was interrupted; nothing was published",
    )


def test_the_newest_red_runs_are_kept_by_time(small: SmallHome) -> None:
    for age, run_id in enumerate(["b-new", "z-older", "a-oldest"]):
        folder = small.home.runs / run_id
        folder.mkdir(parents=True)
        os.utime(folder, (1e9 - age, 1e9 - age))
    heal(small.home, small.settings)
    assert {path.name for path in small.home.runs.iterdir()} == {"b-new", "z-older"}


def test_landed_files_are_kept_for_days(small: SmallHome) -> None:
    now = datetime.now().timestamp()
    for name, days in (("young", 2), ("old", 4)):
        folder = small.home.landing / name
        folder.mkdir(parents=True)
        os.utime(folder, (now, now - days * 86400))
    heal(small.home, small.settings)
    assert [path.name for path in small.home.landing.iterdir()] == ["young"]


def test_resuming_takes_the_kept_copy_even_when_it_is_the_oldest(small: SmallHome) -> None:
    for run_id in ("one", "two", "three"):
        _stop(small, run_id)
        if run_id != "three":
            heal(small.home, small.settings)
    for age, run_id in enumerate(["two", "one"]):
        os.utime(small.home.runs / run_id, (1e9 - age, 1e9 - age))
    run = enter("again", Request(), resumed_from="one")
    assert run.run_id == "again"
    assert small.number_of(run.marts) == 5
    assert _status(small, "again")[0] == "running"
    assert _status(small, "one")[0] == "stopped"
    state = json.loads((small.home.work / "run.json").read_text())
    assert state["run_id"] == "again"


def test_resuming_refuses_a_copy_older_than_the_publication(small: SmallHome) -> None:
    _stop(small, "red")
    heal(small.home, small.settings)
    small.publish("second", 2)
    with pytest.raises(RefusedError, match="began before the last publication"):
        enter("again", Request(), resumed_from="red")


def test_resuming_refuses_when_no_copy_is_left(small: SmallHome) -> None:
    with pytest.raises(RefusedError, match="left no copy"):
        enter("again", Request(), resumed_from="gone")


@pytest.mark.parametrize("is_healed", [True, False])
def test_resuming_refuses_a_run_without_its_marts(small: SmallHome, is_healed: bool) -> None:
    """A run of an older version has built them within its warehouse."""
    _stop(small, "old")
    if is_healed:
        heal(small.home, small.settings)
    folder = small.home.runs / "old" if is_healed else small.home.work
    (folder / "crm.duckdb").unlink()
    with pytest.raises(RefusedError, match="left no copy"):
        enter("again", Request(), resumed_from="old")


def test_a_step_that_runs_again_takes_back_the_gates_behind_it(small: SmallHome) -> None:
    run = small.run("steps", 5)
    for stage in runs.STAGES[:-1]:
        for name in stage:
            with step(run, name):
                pass
    assert run.is_complete_before("publish")
    with step(run, "build_staging"):
        pass
    assert not run.is_complete_before("publish")
    assert run.is_complete_before("staging_gate")
    again = runs.going(small.home, small.settings)
    assert again is not None
    assert again.finished == run.finished


def test_steps_that_fail_side_by_side_are_all_told(small: SmallHome) -> None:
    run = small.run("two-faults", 5)
    with pytest.raises(StoppedError), step(run, "ingest_pos"):
        raise StoppedError("a file of pos")
    with pytest.raises(ValueError), step(run, "ingest_email"):
        raise ValueError("a bug")
    with pytest.raises(StoppedError), step(run, "ingest_support"):
        raise StoppedError("a file of support")
    assert _status(small, "two-faults") == (
        "crashed",
        "a file of pos\na bug\na file of support",
    )


def test_a_copy_that_cannot_be_made_is_told(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(runs, "clone", full)
    with pytest.raises(OSError):
        enter("full", Request())
    assert settle(small.home, "full") == 4
    assert "No space left on device" in capsys.readouterr().err
    assert _status(small, "full")[0] == "crashed"


def test_a_run_of_which_the_journal_knows_nothing_is_told(
    small: SmallHome, capsys: pytest.CaptureFixture[str]
) -> None:
    assert settle(small.home, "unknown", "OSError: the disk") == 4
    assert settle(small.home, "unknown", "x.ConfigurationError: the setting") == 2
    assert "OSError: the disk" in capsys.readouterr().err


def test_a_warehouse_of_another_profile_is_refused(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "main.toml"
    other.write_text('[run]\nprofile = "main"\n')
    monkeypatch.setenv("TOKUI_CONFIG", str(other))
    with pytest.raises(ConfigurationError, match='belongs to profile "demo"'):
        enter("other", Request())
    assert _status(small, "other")[0] == "misconfigured"
    assert settle(small.home, "other") == 2


def test_a_date_to_come_is_refused(small: SmallHome) -> None:
    """Midnight of UTC is nine in the morning of the company's Tokyo."""
    now = datetime(2026, 9, 30, 15, 0)
    assert enter("today", Request(date(2026, 10, 1), now)).as_of == date(2026, 10, 1)
    with pytest.raises(ConfigurationError, match="lies after today, 2026-10-01"):
        enter("tomorrow", Request(date(2026, 10, 2), now))
    assert _status(small, "tomorrow")[0] == "misconfigured"


def test_a_warehouse_that_a_person_has_open_for_writing_is_named(small: SmallHome) -> None:
    import subprocess
    import sys

    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"
    )
    person = subprocess.Popen(
        [sys.executable, "-c", script, str(small.home.current)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert person.stdout is not None
    assert person.stdout.readline() == "open\n"
    with pytest.raises(ConfigurationError, match="Close the program that has it open"):
        enter("next", Request())
    person.communicate("\n")
    assert enter("next", Request()).run_id == "next"


def test_a_clone_is_equal_and_replaces_what_was_there(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(os.urandom(100_000))
    target.write_bytes(b"x" * 200_000)
    runs.clone(source, target)
    assert target.read_bytes() == source.read_bytes()


def test_a_home_without_anything_heals(tmp_path: Path, small: SmallHome) -> None:
    home = Home(tmp_path / "empty")
    heal(home, small.settings)
    assert Journal(home.journal).last_runs() == []
