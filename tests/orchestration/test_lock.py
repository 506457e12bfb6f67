"""The lock of a warehouse: one process at a time, and never a dead one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from orchestration.lock import RunGoingError, RunLock
from tests.conftest import ROOT

HOLD = """
import sys, time
from pathlib import Path
from orchestration.lock import RunLock
RunLock.acquire(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""
HOLD_WITH_CHILD = """
import subprocess, sys
from pathlib import Path
from orchestration.lock import RunLock
RunLock.acquire(Path(sys.argv[1]))
child = subprocess.Popen([sys.executable, "-c", sys.argv[2], sys.argv[1]])
child.wait()
"""
TRY = """
import sys
from pathlib import Path
from orchestration.lock import RunGoingError, RunLock
try:
    RunLock.acquire(Path(sys.argv[1]))
    print("taken")
except RunGoingError as error:
    print(error)
"""


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "home" / "run.lock"
    yield path
    RunLock.release(path)


@pytest.fixture
def holder(lock: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def _try(lock: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", TRY, str(lock)],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_second_process_is_told_who_holds_it(lock: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(RunGoingError, match=f"process {holder.pid}"):
        RunLock.acquire(lock)
    with pytest.raises(RunGoingError):
        RunLock.acquire(lock, wait_seconds=0.2)


def test_a_killed_holder_frees_it(lock: Path, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    RunLock.acquire(lock)
    assert lock.read_text() == str(os.getpid())


def test_waiting_ends_when_the_holder_does(lock: Path, holder: subprocess.Popen[str]) -> None:
    import threading

    threading.Timer(0.5, holder.kill).start()
    RunLock.acquire(lock, wait_seconds=20)


def test_the_holder_may_take_it_again_and_lets_go_once(lock: Path) -> None:
    RunLock.acquire(lock)
    RunLock.acquire(lock)
    RunLock.release(lock)
    RunLock.release(lock)
    assert _try(lock) == "taken"


def test_a_child_of_the_holder_runs_under_its_lock(lock: Path) -> None:
    RunLock.acquire(lock)
    assert _try(lock) == "taken"
    assert "another run is going" in _try(lock, TOKUI_RUN_LOCK="")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell no child")
def test_a_child_of_a_killed_holder_does_not_go_on(lock: Path) -> None:
    """A step that outlives its run would write into the copy of the next one."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD_WITH_CHILD, str(lock), HOLD],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    (child,) = psutil.Process(process.pid).children()
    process.kill()
    process.wait()
    assert child.wait(timeout=20) is None
    RunLock.acquire(lock)


def test_an_environment_left_of_a_holder_that_is_gone_counts_for_nothing(
    lock: Path, holder: subprocess.Popen[str]
) -> None:
    leaked = f"{os.getpid()}:{lock}"
    assert "another run is going" in _try(lock, TOKUI_RUN_LOCK=leaked)
    holder.kill()
    holder.wait()
    assert _try(lock, TOKUI_RUN_LOCK=f"{holder.pid}:{lock}") == "taken"


def test_the_lock_of_one_warehouse_says_nothing_of_another(lock: Path, tmp_path: Path) -> None:
    RunLock.acquire(lock)
    other = tmp_path / "other" / "run.lock"
    RunLock.acquire(other)
    RunLock.release(other)
    assert "another run is going" in _try(lock, TOKUI_RUN_LOCK="")
    assert _try(other) == "taken"
