"""A sitting measures what is not stored, in rounds, and refuses what the disk cannot hold."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path

import pytest

from benchmarks import cases, sitting
from benchmarks.__main__ import main
from benchmarks.cost import Cost, FailedCommandError
from benchmarks.homes import Size
from benchmarks.records import Records

_Usage = namedtuple("_Usage", "total used free")


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float, int]]:
    """Cases that cost nothing; those that were asked for, in order."""
    asked: list[tuple[str, float, int]] = []

    def case(name: str):
        def run(one: cases.Sitting, number: int) -> None:
            asked.append((name, one.size.lines, number))
            one.records.add(name, one.size.lines, number, Cost(1, 1, 1, 1))

        return run

    made = {name: case(name) for name in ("first_build", "bare", "usual_stack")}
    monkeypatch.setattr(sitting, "CASES", made)
    return asked


def test_cases_of_a_size_alternate(tmp_path: Path, done: list) -> None:
    sizes = [Size(0.1), Size(0.2)]
    assert sitting.main(tmp_path, sizes, 2, ["bare", "first_build"], keep=False) == 0
    one = [("first_build", 0.1, 1), ("bare", 0.1, 1), ("first_build", 0.1, 2), ("bare", 0.1, 2)]
    assert done == [*one, *[(case, 0.2, run) for case, _, run in one]]


def test_what_is_stored_is_not_measured_again(tmp_path: Path, done: list) -> None:
    Records(tmp_path).add("bare", 0.1, 1, Cost(1, 1, 1, 1))
    assert sitting.main(tmp_path, [Size(0.1)], 1, ["bare", "first_build"], keep=False) == 0
    assert done == [("first_build", 0.1, 1)]


def test_the_other_stack_is_not_tried_beyond_its_reach(tmp_path: Path, done: list) -> None:
    sitting.main(tmp_path, [Size(0.1), Size(3.5)], 1, ["usual_stack"], keep=False)
    assert done == [("usual_stack", 0.1, 1)]


@pytest.mark.parametrize("keep", [True, False])
def test_a_size_that_is_done_leaves_its_home_if_asked(
    tmp_path: Path, done: list, keep: bool
) -> None:
    for folder in ("homes", "scratch", "feeds"):
        (tmp_path / folder / "0.1M").mkdir(parents=True)
    sitting.main(tmp_path, [Size(0.1)], 1, ["bare"], keep=keep)
    assert (tmp_path / "homes" / "0.1M").exists() == keep
    assert not (tmp_path / "scratch" / "0.1M").exists()
    assert (tmp_path / "feeds" / "0.1M").exists()


def test_a_disk_that_is_too_small_is_refused(
    tmp_path: Path, done: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitting.shutil, "disk_usage", lambda _: _Usage(0, 0, 100 << 30))
    with pytest.raises(ValueError, match="too small"):
        sitting.main(tmp_path, [Size(10, 10)], 1, ["first_build"], keep=False)
    assert done == []
    sizes = [Size(20), Size(20)]
    assert sitting.main(tmp_path, sizes, 1, ["first_build"], keep=False) == 0


def test_a_home_is_marked_only_while_its_state_is_green(tmp_path: Path) -> None:
    one = cases.Sitting(tmp_path, Size(0.1))
    one.home.root.mkdir(parents=True)
    with cases._changing(one.home):
        assert not (one.home.root / cases.MARK).exists()
    assert (one.home.root / cases.MARK).exists()
    with pytest.raises(FailedCommandError), cases._changing(one.home):
        raise FailedCommandError
    assert not (one.home.root / cases.MARK).exists()


def test_the_command_reads_sizes_and_refuses_others(
    tmp_path: Path, done: list, capsys: pytest.CaptureFixture
) -> None:
    run = ["run", "--work", str(tmp_path), "--runs", "1", "--cases", "bare", "--lines"]
    assert main([*run, "0.1x2"]) == 0
    assert done == [("bare", 0.2, 1)]
    with pytest.raises(SystemExit):
        main([*run, "many"])
    assert main(["table", "--work", str(tmp_path / "empty")]) == 2
    assert "nothing is measured" in capsys.readouterr().err
