"""The run as a child process: exit statuses of `tokui`, and how a child died if it did."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime

GREEN, STOPPED, USAGE, BUSY, CRASHED = 0, 1, 2, 3, 4
"""0 green, 1 a gate or an input stopped the run, 2 usage or configuration, 3 another run is going,
4 it crashed."""


def run_refresh(as_of: str | None = None, full: bool = False, next_day: bool = False) -> int:
    """Run the nightly job in a child process and return its exit status."""
    command = [sys.executable, "-m", "orchestration.refresh"]
    if as_of:
        command += ["--as-of", as_of]
    if full:
        command.append("--full")
    if next_day:
        command.append("--next-day")
    since = datetime.now(UTC).replace(tzinfo=None)
    status = run_child(command)
    from orchestration.alerts import follow_up  # Late: while the run goes, its parent stays light.

    follow_up(since, status)
    return status


def run_child(command: list[str]) -> int:
    """Run a command to its end, say how it died if it did, and return an exit status of `tokui`."""
    status, words = how_it_ended(_wait_for(command))
    if words:
        print(words, file=sys.stderr)
    return status


def how_it_ended(status: int) -> tuple[int, str]:
    """What a child's status (minus a signal) means to `tokui`, and words where it had none."""
    if status in range(CRASHED + 1):
        return status, ""
    if status < 0:
        name = signal.Signals(-status).name
        end = f"was killed by {name}"
        is_memory = name in ("SIGKILL", "SIGABRT")
    else:
        end = f"ended without a word (status {status})"
        is_memory = True
    memory = " (out of memory?)" if is_memory else ""
    advice = " Too little memory: limits.memory_mib bounds the engine." if is_memory else ""
    return CRASHED, (
        f"tokui: the run {end}{memory}. The last publication stays; the next run heals by "
        f"itself.{advice}"
    )


def _wait_for(command: list[str]) -> int:
    """Wait for a child; who asks the parent to end, asks the child.

    Ctrl-C reaches both without help, and the parent waits for what the child makes of it.
    """
    children: list[subprocess.Popen] = []
    asked: list[int] = []

    def pass_on(number: int, _: object) -> None:
        asked.append(number)
        for child in children:
            child.send_signal(number)

    handlers = {
        signal.SIGINT: lambda number, _: None,
        signal.SIGTERM: pass_on,
        signal.SIGHUP: pass_on,
    }
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        child = subprocess.Popen(command, env=os.environ | {"TOKUI_PROGRESS": "1"})
        children.append(child)
        for number in asked:  # What came before there was a child.
            child.send_signal(number)
        return child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
