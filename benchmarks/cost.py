"""What a command costs, from its start to its end, all its processes together.

The kernel counts: CPU seconds and bytes written are sums over the process and every descendant that
was waited for, the peak is the resident memory of the heaviest of them, not of all at once.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")

_BLOCK = 512
"""Bytes of a block as the kernel counts output."""


class FailedCommandError(Exception):
    """A measured command did not end with status 0. The message holds its last words."""


@dataclass(frozen=True)
class Cost:
    """CPU and wall in seconds, peak memory in MiB, what was written to files in MiB."""

    cpu_seconds: float
    wall_seconds: float
    peak_mib: float
    written_mib: float


def measure(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Cost:
    """Run a command to its end in a process of its own; what it says goes to `log`.

    The peak of a child is never below the memory of the process that starts it, so that this one
    must stay light.

    Raises:
        FailedCommandError: its status was not 0.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as words:
        started = time.monotonic()
        process = subprocess.Popen(
            command, env=os.environ | environment, stdout=words, stderr=subprocess.STDOUT
        )
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.terminate()
            raise
        wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        last = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise FailedCommandError(
            f"{' '.join(command)} ended with {process.returncode}; all it said: {log}\n{last}"
        )
    return Cost(
        cpu_seconds=used.ru_utime + used.ru_stime,
        wall_seconds=wall,
        peak_mib=used.ru_maxrss / 1024,
        written_mib=used.ru_oublock * _BLOCK / (1 << 20),
    )


def apart(
    function: Callable[_Given, _Answer], *arguments: _Given.args, **options: _Given.kwargs
) -> _Answer:
    """Call a function of a module in a fresh process, so that this one stays light."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments, **options).result()
