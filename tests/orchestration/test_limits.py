"""Disk and memory: refused before, limited meanwhile, explained when they ran out all the same."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from ingestion.engine import connect
from ingestion.errors import ConfigurationError
from orchestration import refresh as refreshing
from orchestration.limits import explain, free_mib, refuse_full_disk, use_limits
from orchestration.lock import RunLock
from orchestration.run import Request, StoppedError, enter, step
from tests.orchestration.conftest import SmallHome

MIB = 1 << 20
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def used(
    make_home: Callable[..., SmallHome], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., SmallHome]:
    """Makes a home that the environment points at."""

    def make(limits: str) -> SmallHome:
        small = make_home("home", f"[limits]\n{limits}\n")
        monkeypatch.setenv("TOKUI_HOME", str(small.home.root))
        monkeypatch.setenv("TOKUI_CONFIG", str(small.settings.source))
        return small

    yield make


def _leave_free(monkeypatch: pytest.MonkeyPatch, mib: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, mib * MIB + 5))


def test_less_than_the_setting_is_refused_and_so_much_is_not(
    used: Callable[..., SmallHome], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = used("min_free_disk_mib = 300")
    _leave_free(monkeypatch, 300)
    refuse_full_disk(small.home, small.settings)
    _leave_free(monkeypatch, 299)
    with pytest.raises(ConfigurationError, match="has 299 MiB free, and a run needs 300 MiB"):
        refuse_full_disk(small.home, small.settings)


def test_a_large_warehouse_needs_two_and_a_half_times_its_size(
    used: Callable[..., SmallHome], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = used("min_free_disk_mib = 10")
    small.home.current.parent.mkdir(parents=True)
    small.home.published.mkdir(parents=True)
    for file, size in ((small.home.current, 30), (small.home.served, 10)):
        with file.open("wb") as stream:
            stream.truncate(size * MIB)
    _leave_free(monkeypatch, 100)
    refuse_full_disk(small.home, small.settings)
    _leave_free(monkeypatch, 99)
    with pytest.raises(ConfigurationError, match="needs 100 MiB"):
        refuse_full_disk(small.home, small.settings)


def test_the_command_refuses_with_2_and_says_where_to_make_room(
    used: Callable[..., SmallHome],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    small = used("min_free_disk_mib = 300")
    _leave_free(monkeypatch, 1)
    assert refreshing.main([]) == 2
    said = capsys.readouterr().err
    assert str(small.home.runs) in said and "Make room there" in said
    assert not small.home.dagster.exists()
    RunLock.release(small.home.lock)


def test_a_run_of_the_ui_is_refused_as_well(
    used: Callable[..., SmallHome], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = used("min_free_disk_mib = 300")
    _leave_free(monkeypatch, 1)
    with pytest.raises(ConfigurationError, match="1 MiB free"):
        enter("ui", Request())
    assert small.journal.find_run("ui").status == "misconfigured"
    RunLock.release(small.home.lock)


def test_free_space_of_a_folder_that_is_not_made_yet(tmp_path: Path) -> None:
    assert free_mib(tmp_path / "a" / "b") > 0


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EFBIG, "File too large"),
        duckdb.IOException("Could not write file x: No space left on device"),
        RuntimeError("2 model(s) could not be built: Disk quota exceeded"),
        sqlite3.OperationalError("disk I/O error"),
    ],
)
def test_a_full_disk_is_explained_whoever_met_it(
    used: Callable[..., SmallHome], error: Exception
) -> None:
    small = used("")
    for met in (error, _raised_from(error)):
        said = explain(met, small.home, small.settings)
        assert f"the disk of {small.home.root} is full" in said
        assert "Make room there" in said


def test_every_crash_on_a_disk_without_room_is_its_fault(
    used: Callable[..., SmallHome], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = used("")
    _leave_free(monkeypatch, 0)
    assert "0 MiB free" in explain(ValueError("odd words"), small.home, small.settings)


def test_a_gate_that_stops_is_no_matter_of_the_disk(
    used: Callable[..., SmallHome], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = used("")
    run = small.run("stopped", 1)
    _leave_free(monkeypatch, 0)
    with pytest.raises(StoppedError), step(run, "raw_gate"):
        raise StoppedError("the gate")
    assert small.journal.find_run("stopped").message == "the gate"


@pytest.mark.parametrize(
    "error", [MemoryError(), duckdb.OutOfMemoryException("Out of Memory Error: failed to pin")]
)
def test_too_little_memory_is_explained(used: Callable[..., SmallHome], error: Exception) -> None:
    small = used("memory_mib = 64")
    said = explain(error, small.home, small.settings)
    assert "limits.memory_mib: 64 MiB" in said and str(small.settings.source) in said


def test_other_errors_are_not_explained(used: Callable[..., SmallHome]) -> None:
    small = used("")
    assert explain(ValueError("a gate"), small.home, small.settings) is None


def test_the_journal_tells_what_to_do_about_it(used: Callable[..., SmallHome]) -> None:
    small = used("")
    run = small.run("full", 1)
    with pytest.raises(OSError), step(run, "build_marts"):
        raise OSError(errno.ENOSPC, "No space left on device")
    row = small.journal.find_run("full")
    assert row.status == "crashed"
    assert row.message.startswith("[Errno 28] No space left on device\nthe disk of")


def test_a_run_whose_journal_cannot_be_written_ends_with_words_and_4(
    used: Callable[..., SmallHome],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    small = used("")

    def no_room(*_: object) -> int:
        raise duckdb.IOException("IO Error: database or disk is full")

    monkeypatch.setattr(refreshing, "refresh", no_room)
    assert refreshing.main([]) == 4
    said = capsys.readouterr().err
    assert "Make room there" in said and "The last publication stays." in said
    assert "Traceback" not in said
    RunLock.release(small.home.lock)


def test_the_engine_takes_no_more_than_the_setting(
    used: Callable[..., SmallHome], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    small = used("memory_mib = 64")
    use_limits(small.settings)
    with connect(tmp_path / "some.duckdb") as connection:
        (limit,) = connection.execute("select current_setting('memory_limit')").fetchone()
    assert limit == "64.0 MiB"


def _raised_from(cause: Exception) -> Exception:
    try:
        raise RuntimeError("a step failed") from cause
    except RuntimeError as error:
        return error
