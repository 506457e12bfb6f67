"""A sitting: rounds of cases on sizes, each measurement stored as soon as it is made.

What is stored for the code as it is, is not measured again: a sitting that was cut off goes on
where it stopped. A case that fails ends the sitting with its log.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks.cases import CASES, Sitting
from benchmarks.homes import Size
from benchmarks.records import Measurement, Records

_MINUTES_AT_3M = {
    "first_build": 8.0,
    "bare": 5.0,
    "floor": 0.3,
    "usual_stack": 60.0,
    "night": 4.0,
    "late_night": 5.0,
    "empty_night": 1.0,
    "status": 0.1,
    "tiny": 1.0,
}
"""What a case is thought to take on two cores before any is stored; larger sizes take more."""
_GIB_A_MILLION, _GIB_OF_OTHERS = 3.0, 1.0
"""Disk that a size takes at most: feeds and home while a night runs; with what is compared."""
_AT_MOST = {"usual_stack": 3.0}
"""Millions of lines beyond which a case is not tried: rows as dictionaries take hours."""
_ON_A_HOME = {"first_build", "night", "late_night", "empty_night", "status", "tiny"}


def main(work: Path, sizes: Sequence[Size], runs: int, cases: Sequence[str], *, keep: bool) -> int:
    """Measure what is not stored yet; 0.

    Args:
        keep: leave the home of each size where it is, for a look (`profile`).

    Raises:
        FailedCommandError: a measured command failed.
        ValueError: the disk is too small for the largest size.
    """
    records = Records(work.absolute())
    waiting = [
        (size, run, case)
        for size in sizes
        for run in range(1, runs + 1)
        for case in CASES
        if case in cases and size.lines <= _AT_MOST.get(case, size.lines)
        if not records.has(case, size.lines, run)
    ]
    refuse_small_disk(work, {size for size, _, _ in waiting}, cases, keep=keep)
    for number, (size, run, case) in enumerate(waiting, 1):
        left = sum(_minutes(records, *one) for one in waiting[number - 1 :])
        print(
            f"[{number}/{len(waiting)}] {size.name} {case}, round {run}; "
            f"{left:,.0f} minutes to go, as far as is known",
            flush=True,
        )
        started = time.monotonic()
        CASES[case](Sitting(work.absolute(), size), run)
        print(f"    {_said(records.all()[-1])} ({time.monotonic() - started:,.0f} s in all)")
        if size not in {later for later, _, _ in waiting[number:]}:
            _sweep(work, size, keep=keep)
    print(f"measurements: {records.path}; `python -m benchmarks table` makes a table of them")
    return 0


def refuse_small_disk(
    work: Path, sizes: Collection[Size], cases: Collection[str], *, keep: bool
) -> None:
    """Say how much disk the sizes need for their cases; refuse when it is not there.

    Raises:
        ValueError: there is less.
    """
    a_million = _GIB_A_MILLION + (_GIB_OF_OTHERS if set(cases) - _ON_A_HOME else 0)
    each = [size.lines * a_million for size in sizes]
    needed = sum(each) if keep else max(each, default=0.0)
    folder = next(path for path in (work.absolute(), *work.absolute().parents) if path.exists())
    there = shutil.disk_usage(folder).free + sum(_sizes(work / "homes"))
    print(f"disk: {needed:,.1f} GiB needed at most, {there / 2**30:,.0f} there")
    if there / 2**30 < needed:
        raise ValueError(
            f"the disk of {folder} is too small. Measure smaller sizes (--lines), fewer copies, or "
            "on another disk (--work)."
        )


def _sweep(work: Path, size: Size, *, keep: bool) -> None:
    """Remove what a size leaves when nothing of it waits; its feeds stay."""
    shutil.rmtree(work / "scratch" / size.name, ignore_errors=True)
    if not keep:
        shutil.rmtree(work / "homes" / size.name, ignore_errors=True)


def _sizes(folder: Path) -> Iterator[int]:
    for path in folder.rglob("*") if folder.exists() else ():
        if path.is_file():
            yield path.stat().st_size


def _minutes(records: Records, size: Size, run: int, case: str) -> float:
    """How long a measurement will take: as the case's last ones at this size, else by its lines."""
    known = [m for m in records.all() if (m.case, m.lines) == (case, size.lines)]
    if known:
        return median(m.cost.wall_seconds for m in known) / 60
    is_fixed = case in ("status", "tiny")
    return _MINUTES_AT_3M.get(case, 5.0) * (1 if is_fixed else max(size.lines / 3, 0.2))


def _said(made: Measurement) -> str:
    cost = made.cost
    return (
        f"{cost.cpu_seconds:,.1f} s CPU, {cost.wall_seconds:,.1f} s wall, "
        f"{cost.peak_mib:,.0f} MiB peak, {cost.written_mib:,.0f} MiB written"
    )
