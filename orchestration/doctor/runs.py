"""Checks of what a run needs to start: free disk, the lock, no leftovers that matter."""

from __future__ import annotations

from collections.abc import Iterator

from orchestration.doctor.finding import Finding, Subject, fail, ok, some, warn
from orchestration.limits import free_mib, needed_mib
from orchestration.lock import holder_of


def check_disk(subject: Subject) -> Iterator[Finding]:
    """There is room for a run's copy of the warehouse."""
    folder = subject.home.root
    free, needed = free_mib(folder), needed_mib(subject.home, subject.settings)
    if free < needed:
        yield fail(
            f"{free:,} MiB are free at {folder}, and a run needs {needed:,}",
            "Make room, or let TOKUI_HOME lie on a larger disk. publication.keep_versions, "
            "keep_runs and keep_landing_days say how much is kept.",
        )
    else:
        yield ok(f"{free:,} MiB free at {folder}; a run needs {needed:,}")


def check_lock(subject: Subject) -> Iterator[Finding]:
    """Says who holds the run lock."""
    holder = holder_of(subject.home.lock)
    yield ok("free" if holder is None else f"a run is going (process {holder})")


def check_leftovers(subject: Subject) -> Iterator[Finding]:
    """Folders that a killed run left, which the next run sweeps."""
    home = subject.home
    if holder_of(home.lock) is not None:
        yield ok("a run is going")
        return
    unfinished = [home.work] if home.work.exists() else []
    for folder in (home.versions, home.parquet, home.published / "as_of"):
        if folder.exists():
            unfinished += [path for path in folder.iterdir() if path.name.startswith(".")]
    if unfinished:
        yield warn(
            f"left by a run that did not end: {some([str(path) for path in unfinished])}",
            "The next run sweeps it; nothing of it was published.",
        )
    else:
        yield ok("no run left anything behind")
