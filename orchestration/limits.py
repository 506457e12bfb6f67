"""What a run may take of the machine: disk and memory; and what is said when they run out."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from ingestion import engine
from ingestion.errors import ConfigurationError
from ingestion.settings import Settings
from orchestration.home import Home

_MIB = 1 << 20
_WAREHOUSES_NEEDED = 2.5
"""The run's copies of warehouse and marts, the Parquet, and what spills to disk on the way."""
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_DISK_WORDS = (
    *(os.strerror(number).lower() for number in _DISK_ERRORS),
    "disk is full",
    "disk i/o error",  # SQLite's, of a full disk too.
)
_MEMORY_WORDS = ("out of memory", "cannot allocate memory", "bad_alloc", "bad allocation")


def use_limits(settings: Settings) -> None:
    """Tell every engine that this process and its children open how much memory it may take."""
    if settings.limits.memory_mib:
        os.environ[engine.MEMORY] = f"{settings.limits.memory_mib}MiB"


def refuse_full_disk(home: Home, settings: Settings) -> None:
    """Refuse to start a run that would fill the disk.

    Raises:
        ConfigurationError: less is free than `limits.min_free_disk_mib`, or than 2.5 times the
            warehouse and its marts.
    """
    needed, free = needed_mib(home, settings), free_mib(home.root)
    if free < needed:
        raise ConfigurationError(
            f"the disk of {home.root} has {free:,} MiB free, and a run needs {needed:,} MiB: "
            f"{_WAREHOUSES_NEEDED} times the warehouse and its marts, and limits.min_free_disk_mib "
            f"at least. {_room(home)} Then run again."
        )


def needed_mib(home: Home, settings: Settings) -> int:
    """MiB of free disk without which a run does not start."""
    size = sum(file.stat().st_size for file in (home.current, home.served) if file.exists())
    return max(settings.limits.min_free_disk_mib, int(_WAREHOUSES_NEEDED * size / _MIB))


def free_mib(folder: Path) -> int:
    """MiB that a user may still write where a folder is or will be."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free // _MIB


def explain(error: BaseException, home: Home, settings: Settings) -> str | None:
    """What to do about an error that means a full disk or too little memory; None of others.

    On a disk without any room every crash is its fault, whatever words a library finds for it.
    """
    errors = _chain(error)
    words = " ".join(str(one).lower() for one in errors)
    free = free_mib(home.root)
    if (
        free == 0
        or any(getattr(one, "errno", None) in _DISK_ERRORS for one in errors)
        or any(word in words for word in _DISK_WORDS)
    ):
        return (
            f"the disk of {home.root} is full ({free:,} MiB free now), or a file may not grow. "
            f"{_room(home)} Then run again: the next run sweeps what this one left."
        )
    if any(isinstance(one, MemoryError) for one in errors) or any(
        word in words for word in _MEMORY_WORDS
    ):
        limit = settings.limits.memory_mib
        given = f"{limit} MiB" if limit else "half of the machine's, 2 GB at most"
        return (
            f"the memory was not enough (limits.memory_mib: {given}). Raise limits.memory_mib in "
            f"{settings.source}, end other programs, or set TOKUI_ENGINE_THREADS=1, and run again."
        )
    return None


def _room(home: Home) -> str:
    return (
        f"Make room there: {home.runs} has copies of failed runs, {home.landing} landed files, "
        f"{home.versions} old versions (publication.keep_runs, keep_landing_days, keep_versions)."
    )


def _chain(error: BaseException) -> list[BaseException]:
    """An error and those it came from."""
    found: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in found:
        found.append(one)
        one = one.__cause__ or one.__context__
    return found
