"""Faults in good deliveries: each must be caught where it should be, or do no harm.

`registry` lists them, a line a fault. Every fault is put into the files of one delivered night of
the generated demo; the night is run, and what it left is held against the outcome that the fault
names. Faults that leave each other alone share a night; when one of such a night comes out wrongly,
the night is run again in halves until it is known which.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from evaluation.faults.base import Base, make_base, read_base, scale_of
from evaluation.faults.model import Fault, Verdict
from evaluation.faults.registry import FAULTS
from evaluation.faults.report import print_table, say_shared, say_verdict
from evaluation.faults.trial import Trial, run_trial
from evaluation.harness import in_forks
from evaluation.pipeline import CommandError


def main(
    work: Path,
    people: int,
    only: list[str],
    jobs: int,
    *,
    published: Path | None = None,
    reuse: bool = False,
    keep: bool = False,
) -> int:
    """Run the faults and print a table; 0 when each came out as it must, 1 when not.

    Args:
        work: folder for the base and the copies that are spoilt.
        only: parts of names of faults, kinds or tables; all faults when empty.
        published: a published demo of the same people and seed 1, to spare making one.
        reuse: take the base that an earlier call left.
        keep: leave the homes of the trials for a look.

    Raises:
        CommandError: no fault is meant, or a good night is not green.
    """
    faults = chosen(only)
    if not faults:
        raise CommandError(f"no fault, kind or table is named like {' or '.join(only)}")
    started = time.monotonic()
    os.environ.setdefault("TOKUI_ENGINE_THREADS", "1" if jobs > 1 else str(os.cpu_count() or 1))
    from orchestration.refresh import warm

    warm()
    base = read_base(work) if reuse else make_base(work, scale_of(people), published)
    print(f"base and clean night: {time.monotonic() - started:.0f} s", flush=True)
    verdicts = {verdict.fault: verdict for verdict in _run(base, work, faults, jobs, keep)}
    print_table([(fault, verdicts[fault.name]) for fault in faults], time.monotonic() - started)
    return int(any(verdict.complaints for verdict in verdicts.values()))


def chosen(only: list[str]) -> list[Fault]:
    """The faults whose name, kind, table or outcome (`Refused`) holds one of these texts."""

    def words(fault: Fault) -> str:
        return f"{fault.name} {fault.kind} {fault.table} {type(fault.expected).__name__}"

    return [fault for fault in FAULTS if not only or any(text in words(fault) for text in only)]


def shared_nights(faults: Iterable[Fault]) -> list[tuple[Fault, ...]]:
    """The faults in nights: those that leave each other alone together, of each table one."""
    nights: list[tuple[str, list[Fault]]] = []
    for fault in faults:
        word = fault.expected.shares
        for shared, night in nights:
            if word and word == shared and fault.table not in {other.table for other in night}:
                night.append(fault)
                break
        else:
            nights.append((word, [fault]))
    return [tuple(night) for _, night in nights]


def _run(base: Base, work: Path, faults: list[Fault], jobs: int, keep: bool) -> Iterator[Verdict]:
    """Verdicts as they are found; a shared night that came out wrongly is run again in halves."""
    nights, round_no = shared_nights(faults), 1
    while nights:
        trials = [Trial(night, work / f"trial_{round_no}_{n}") for n, night in enumerate(nights)]
        nights, round_no = [], round_no + 1
        for trial, verdicts in in_forks(lambda one: run_trial(base, one, keep=keep), trials, jobs):
            if len(verdicts) > 1 and any(verdict.complaints for verdict in verdicts):
                half = len(verdicts) // 2
                say_shared(verdicts)
                nights += [trial.faults[:half], trial.faults[half:]]
            else:
                for verdict in verdicts:
                    say_verdict(verdict)
                yield from verdicts
