"""Many runs of the job, one after another or side by side: imports and the parse are paid once.

`orchestration.refresh.warm` brings everything that a run imports into this process. Each run is
then a fork of it, which starts within milliseconds, may be killed at any moment, and leaves no
memory behind. The parent opens no database: a fork must not inherit the engine's threads.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Site:
    """One retailer on this machine: settings, the home of its warehouse, what its runs say."""

    config: Path
    home: Path
    log: Path


@dataclass
class Child:
    """A run that was started; its exit status and the most memory it had, once it has ended."""

    pid: int
    status: int | None = None
    peak_mib: float = 0.0

    def wait(self) -> int:
        """Its exit status; minus the signal that killed it."""
        self._collect(0)
        assert self.status is not None
        return self.status

    def has_ended(self) -> bool:
        """Whether there is nothing left to wait for."""
        self._collect(os.WNOHANG)
        return self.status is not None

    def kill(self) -> None:
        """End it as a power cut would: it hears nothing."""
        if not self.has_ended():
            os.kill(self.pid, signal.SIGKILL)

    def _collect(self, options: int) -> None:
        if self.status is not None:
            return
        pid, status, used = os.wait4(self.pid, options)
        if pid:
            self.status = os.waitstatus_to_exitcode(status)
            self.peak_mib = used.ru_maxrss / 1024


def start(site: Site, *arguments: str, before: Callable[[], None] | None = None) -> Child:
    """Start `tokui refresh` with these arguments for a site, in a fork of this process.

    Args:
        before: called in the fork ahead of the run, to set limits say.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return Child(pid)
    status = 4
    try:
        _become(site)
        if before is not None:
            before()
        from orchestration import refresh

        status = refresh.main(list(arguments))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def refresh(site: Site, *arguments: str) -> int:
    """Run `tokui refresh` to its end and return its exit status."""
    return start(site, *arguments).wait()


def in_forks(
    work: Callable[[_Item], _Result], items: Iterable[_Item], jobs: int
) -> Iterator[tuple[_Item, _Result]]:
    """Each item with what `work` makes of it in a fork of this process, as they come to an end.

    At most `jobs` at a time. What is worked on may open databases and start runs of its own.

    Raises:
        RuntimeError: the work of an item failed; the message holds its traceback.
    """
    context = multiprocessing.get_context("fork")
    left, going = iter(items), {}
    while True:
        for item in left:
            receiver, sender = context.Pipe(duplex=False)
            process = context.Process(target=_report, args=(work, item, sender))
            process.start()
            sender.close()
            going[receiver] = item, process
            if len(going) >= jobs:
                break
        if not going:
            return
        for receiver in wait(list(going)):
            item, process = going.pop(receiver)
            yield item, _received(receiver, process)


def _report(work: Callable[[_Item], _Result], item: _Item, sender: Connection) -> None:
    try:
        sender.send((work(item), ""))
    except Exception:
        sender.send((None, traceback.format_exc()))


def _received(receiver: Connection, process: multiprocessing.process.BaseProcess) -> object:
    try:
        result, failure = receiver.recv()
    except EOFError:
        result, failure = None, "its process was killed"
    process.join()
    if failure:
        raise RuntimeError(failure)
    return result


def _become(site: Site) -> None:
    """The environment of a run, its words to the site's log."""
    os.environ["TOKUI_HOME"] = str(site.home)
    os.environ["TOKUI_CONFIG"] = str(site.config)
    os.environ["TOKUI_PROGRESS"] = "1"
    site.log.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(site.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
