"""One run at a time: a lock of the operating system, which a dead process cannot hold."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import IO

_HOLDER = "TOKUI_RUN_LOCK"


class RunGoingError(Exception):
    """Another run holds the warehouse."""


class RunLock:
    """The lock of a warehouse, held until the process ends.

    Steps may run in child processes (Dagster's multiprocess executor): they see in the environment
    that an ancestor holds the lock for them.
    """

    _held: dict[Path, IO[str]] = {}

    @classmethod
    def acquire(cls, path: Path, wait_seconds: float = 0.0) -> None:
        """Take the lock, waiting at most `wait_seconds`.

        Raises:
            RunGoingError: another process holds it.
        """
        if path in cls._held or os.environ.get(_HOLDER) == str(path):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("a+")
        deadline = time.monotonic() + wait_seconds
        while not _try_lock(handle):
            if time.monotonic() >= deadline:
                handle.seek(0)
                holder = handle.read().strip() or "unknown"
                handle.close()
                raise RunGoingError(
                    f"another run is going (process {holder}). Wait for it, or look at "
                    "`tokui status`; a dead process cannot hold this lock."
                )
            time.sleep(1.0)
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        cls._held[path] = handle
        os.environ[_HOLDER] = str(path)

    @classmethod
    def release(cls, path: Path) -> None:
        """Let go of the lock."""
        handle = cls._held.pop(path, None)
        if handle is not None:
            os.environ.pop(_HOLDER, None)
            handle.close()


def _try_lock(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
