"""`python -m evaluation crash`: many kills, each healed by an undisturbed run, with readers beside.

Prints a row a kill and the sums; 0 when every home is like its twin, every read was whole and
every run was killed, else 1. Homes with something wrong stay in the work folder, with their logs.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path

from evaluation.crash import homes
from evaluation.crash.moments import Moment, draw_moments
from evaluation.crash.readers import Reads
from evaluation.crash.trial import Outcome, Twin, make_twin, try_moments
from evaluation.harness import Site

MIN_READS_A_KILL = 170
"""So that sixty kills come with ten thousand reads."""
_ROW = "{:>4}  {:<32} {:<22} {:>6} {:>7} {:>7} {:>6} {:>5}  {}"


def main(work: Path, kills: int, seed: int, people: int, jobs: int) -> int:
    """Make the base and its twin, then kill so many runs, `jobs` side by side.

    Raises:
        homes.TrialError: an undisturbed run was not green.
    """
    from orchestration.refresh import warm

    folder = work / "crash"
    folder.mkdir(parents=True, exist_ok=True)
    warm()
    began = time.monotonic()
    base = homes.make_base(folder / "base", people, seed)
    twin = make_twin(base, folder / "twin")
    print(f"base and twin in {time.monotonic() - began:.0f} s")
    print(_ROW.format("kill", "aimed at", "died in", "s", "healed", "reads", "errors", "torn", ""))
    total, good = Reads(), 0
    for number, outcome in _outcomes(base, folder, draw_moments(kills, seed), twin, jobs):
        print(_row(number, outcome), flush=True)
        total.add(outcome.reads)
        good += outcome.is_good
    return _conclude(kills, good, total)


def _outcomes(
    base: Site, folder: Path, moments: Sequence[Moment], twin: Twin, jobs: int
) -> Iterator[tuple[int, Outcome]]:
    """Outcomes as they come, from processes that open no database and have but one thread."""
    context = multiprocessing.get_context("fork")
    todo = list(enumerate(moments, 1))
    workers, answers = [], []
    for first in range(jobs):
        mine, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(base, folder, todo[first::jobs], twin, theirs))
        worker.start()
        theirs.close()
        workers.append(worker)
        answers.append(mine)
    while answers:
        for answer in wait(answers):
            try:
                yield answer.recv()
            except EOFError:
                answers.remove(answer)
    for worker in workers:
        worker.join()


def _work(
    base: Site, folder: Path, todo: Sequence[tuple[int, Moment]], twin: Twin, answer: Connection
) -> None:
    for number, moment in todo:
        try:
            outcome = try_moments(base, folder / f"trial-{number:03}", [moment], twin)
        except Exception as error:
            outcome = Outcome([moment], complaints=[f"the trial itself failed: {error!r}"])
        answer.send((number, outcome))


def _row(number: int, outcome: Outcome) -> str:
    reads = outcome.reads
    return _ROW.format(
        number,
        ", ".join(str(moment) for moment in outcome.moments),
        ", ".join(outcome.died_in),
        f"{outcome.seconds:.0f}",
        "yes" if outcome.healed_with == 0 else "no",
        f"{reads.count:,}",
        reads.errors,
        reads.torn,
        "equal" if outcome.is_good else "; ".join(outcome.complaints),
    )


def _conclude(kills: int, good: int, reads: Reads) -> int:
    print(
        f"{kills} kills, {good} healed and equal to the twin; {reads.count:,} reads, "
        f"{reads.errors} failed, {reads.torn} torn"
    )
    if reads.count < kills * MIN_READS_A_KILL:
        print(f"too few reads: {kills * MIN_READS_A_KILL:,} are asked for")
        return 1
    return int(good < kills)
