"""What a tree of processes costs, and what a failure says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.cost import FailedCommandError, apart, measure

_WORK = """
import pathlib, subprocess, sys, time
child = "import time; t = time.process_time(); x = bytearray(200 << 20)\\n"
child += "while time.process_time() - t < 0.5: pass"
subprocess.run([sys.executable, "-c", child], check=True)
pathlib.Path(sys.argv[1]).write_bytes(b"x" * (16 << 20))
"""


def test_children_count_and_the_heaviest_is_the_peak(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WORK, str(tmp_path / "written")]
    # Apart, because a child's peak counts the memory of who starts it, here that of the suite.
    cost = apart(measure, command, {}, tmp_path / "logs" / "log")
    assert cost.cpu_seconds >= 0.5
    assert cost.wall_seconds >= 0.5
    assert 200 <= cost.peak_mib < 1000
    if (tmp_path / "written").stat().st_dev != Path("/dev/shm").stat().st_dev:
        assert cost.written_mib >= 15


def test_the_environment_is_the_commands_own(tmp_path: Path) -> None:
    program = "import os; print(os.environ['ONE'])"
    measure([sys.executable, "-c", program], {"ONE": "two"}, tmp_path / "log")
    assert (tmp_path / "log").read_text() == "two\n"


def test_a_failure_tells_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('the disk is full')"]
    with pytest.raises(FailedCommandError, match=r"ended with 1[\s\S]*the disk is full"):
        measure(command, {}, tmp_path / "log")


def test_a_call_apart_gives_its_answer() -> None:
    assert apart(max, 1, 2) == 2
