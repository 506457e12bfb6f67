"""One run at a time: a lock of the operating system, which a dead process cannot hold."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import signal
import sys
import time
from pathlib import Path
from typing import IO, ClassVar

_HOLDER = "TOKUI_RUN_LOCK"
_PR_SET_PDEATHSIG = 1


class RunGoingError(Exception):
    """Another run holds the warehouse."""


class RunLock:
    """The lock of a warehouse, held until the process ends.

    Steps may run in child processes (Dagster's multiprocess executor): the environment tells them
    which ancestor holds the lock for them, and such a child dies with its parent. The word of the
    environment counts only while that process does hold the lock, since an environment outlives
    the process that set it.
    """

    _held: ClassVar[dict[Path, IO[str]]] = {}

    @classmethod
    def acquire(cls, path: Path, wait_seconds: float = 0.0) -> None:
        """Take the lock, waiting at most `wait_seconds`.

        Raises:
            RunGoingError: another process holds it.
        """
        if path in cls._held:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("a+")
        deadline = time.monotonic() + wait_seconds
        while not _try_lock(handle):
            holder = _holder(handle)
            if os.environ.get(_HOLDER) == f"{holder}:{path}":
                _end_with_parent()
                if _try_lock(handle):  # The holder died a moment ago.
                    break
                handle.close()
                return
            if time.monotonic() >= deadline:
                handle.close()
                raise RunGoingError(
                    f"another run is going (process {holder}). Wait for it, or look at "
                    "`tokui status`; a dead process cannot hold this lock."
                )
            time.sleep(min(1.0, max(0.0, deadline - time.monotonic())))
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        cls._held[path] = handle
        os.environ[_HOLDER] = f"{os.getpid()}:{path}"

    @classmethod
    def release(cls, path: Path) -> None:
        """Let go of the lock."""
        handle = cls._held.pop(path, None)
        if handle is not None:
            os.environ.pop(_HOLDER, None)
            handle.close()


def holder_of(path: Path) -> int | None:
    """Id of the process that holds a lock, None when nobody does; never takes it."""
    try:
        process = int(path.read_text())
        os.kill(process, 0)
    except (FileNotFoundError, ValueError, ProcessLookupError):
        return None
    except PermissionError:
        return process  # Of another user, which is all that can be known.
    return process if _has_open(process, path) else None


def _has_open(process: int, path: Path) -> bool:
    """Whether a process has a file open: one that is alive may bear the id of one that died."""
    try:
        opened = list(Path(f"/proc/{process}/fd").iterdir())
    except OSError:
        return True  # A system that does not show it.
    for one in opened:
        with contextlib.suppress(OSError):
            if one.samefile(path):
                return True
    return False


def _end_with_parent() -> None:
    """Let the system kill this process when the one that started it dies.

    A step that outlives the holder of its lock would write into the copy of the next run.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _holder(handle: IO[str]) -> str:
    """Id of the process that took the lock last."""
    handle.seek(0)
    return handle.read().strip() or "unknown"


def _try_lock(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
