"""The cases: what is measured, each as commands in processes of their own.

A sitting measures a size in rounds, so that the job and what it is compared with alternate. The
home of a round's first build is the one on which the nights follow, one business date after the
other; steps of a build or a night (gates, publication, identity, lifetime value) are read from the
run's own journal.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import bare, corrections, floor, homes
from benchmarks.cost import Cost, apart, measure
from benchmarks.homes import Size
from benchmarks.records import Records, commit
from orchestration.home import Home
from orchestration.journal import Journal

TOKUI = [sys.executable, "-m", "orchestration.cli"]
REFRESH = [*TOKUI, "refresh"]
MARK = "made_by"
"""File in a folder that says which state of the code made what lies there."""
TINY = Size(0.001)
"""Sixty people: what is left is the cost of having a job at all."""


@dataclass
class Sitting:
    """One size in one work folder."""

    work: Path
    size: Size

    @property
    def feeds(self) -> Path:
        return homes.feeds_of(self.work, self.size)

    @property
    def home(self) -> Home:
        return Home(self.work / "homes" / self.size.name)

    @property
    def scratch(self) -> Path:
        return self.work / "scratch" / self.size.name

    @property
    def records(self) -> Records:
        return Records(self.work)

    def log(self, case: str, run: int) -> Path:
        return self.work / "logs" / f"{self.size.name}-{case}-{run}.log"

    def refresh(self, case: str, run: int) -> Cost:
        """One `tokui refresh` on the home, measured."""
        return measure(REFRESH, homes.environment(self.home), self.log(case, run))


def first_build(sitting: Sitting, run: int) -> None:
    """Everything from an empty home: all feeds, gates, identity, lifetime value, publication."""
    homes.fresh_home(sitting.feeds, sitting.home.root)
    with _changing(sitting.home):
        cost = sitting.refresh("first_build", run)
    _store(sitting, "first_build", run, cost)


def night(sitting: Sitting, run: int) -> None:
    """The next business date's feeds on the history that is there."""
    _have_history(sitting)
    with _changing(sitting.home):
        homes.deliver_night(sitting.home, sitting.size)
        cost = sitting.refresh("night", run)
    _store(sitting, "night", run, cost)


def late_night(sitting: Sitting, run: int) -> None:
    """A night whose delivery also corrects receipts of the last thirty days."""
    _have_history(sitting)
    with _changing(sitting.home):
        day = homes.deliver_night(sitting.home, sitting.size)
        corrected = apart(corrections.deliver_corrections, sitting.home.feeds / "pos", day)
        cost = sitting.refresh("late_night", run)
    _store(sitting, "late_night", run, cost, {"corrected_receipts": corrected})


def empty_night(sitting: Sitting, run: int) -> None:
    """A run that finds nothing new."""
    _have_history(sitting)
    _store(sitting, "empty_night", run, sitting.refresh("empty_night", run))


def status(sitting: Sitting, run: int) -> None:
    """`tokui status` in a process of its own."""
    _have_history(sitting)
    command, log = [*TOKUI, "status"], sitting.log("status", run)
    cost = measure(command, homes.environment(sitting.home), log)
    sitting.records.add("status", sitting.size.lines, run, cost)


def tiny(sitting: Sitting, run: int) -> None:
    """A first build of sixty people's receipts: the fixed cost, whatever size was asked for."""
    small = Sitting(sitting.work, TINY)
    homes.fresh_home(small.feeds, small.home.root)
    _store(small, "tiny", run, small.refresh("tiny", run), of=sitting)
    shutil.rmtree(small.home.root)


def bare_script(sitting: Sitting, run: int) -> None:
    """Our own SQL, a plain read and the fit, in one process."""
    from benchmarks.profile import by_part

    folder = sitting.scratch / "bare"
    if not _is_written_by_this_code(folder):
        apart(bare.write_script, sitting.feeds, folder, homes.last_day(Home(sitting.feeds)))
        (folder / MARK).write_text(commit(), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.bare", str(folder)]
    cost = measure(command, {}, sitting.log("bare", run))
    steps = json.loads((folder / bare.COSTS).read_text(encoding="utf-8"))
    sitting.records.add("bare", sitting.size.lines, run, cost, by_part(steps))


def by_hand(sitting: Sitting, run: int) -> None:
    """RFM and the core of customer 360 by hand, on what the bare script left."""
    folder = sitting.scratch / "bare"
    if not (_is_written_by_this_code(folder) and (folder / bare.COSTS).exists()):
        bare_script(sitting, run)
    command = [sys.executable, "-m", "benchmarks.floor", str(folder)]
    cost = measure(command, {}, sitting.log("floor", run))
    compared = apart(floor.compare, folder)
    sitting.records.add("floor", sitting.size.lines, run, cost, facts={"compared": compared})


def usual_stack(sitting: Sitting, run: int) -> None:
    """Another stack on the same feeds, which computes far less."""
    from benchmarks.usual_stack import command

    folder, log = sitting.scratch / "usual_stack", sitting.log("usual_stack", run)
    cost = command.first_build(sitting.feeds / "feeds", folder, log)
    shutil.rmtree(folder)
    facts = {"models": command.models(), "models_of_ours": apart(command.models_of_ours)}
    sitting.records.add("usual_stack", sitting.size.lines, run, cost, facts=facts)


def _is_written_by_this_code(folder: Path) -> bool:
    mark = folder / MARK
    return mark.exists() and mark.read_text(encoding="utf-8") == commit()


CASES: dict[str, Callable[[Sitting, int], None]] = {
    "first_build": first_build,
    "bare": bare_script,
    "floor": by_hand,
    "usual_stack": usual_stack,
    "night": night,
    "late_night": late_night,
    "empty_night": empty_night,
    "status": status,
    "tiny": tiny,
}
"""By name, in the order of a round."""


def _have_history(sitting: Sitting) -> None:
    """The home as green runs of this code left it; built anew if it is not there."""
    if _is_written_by_this_code(sitting.home.root):
        return
    homes.fresh_home(sitting.feeds, sitting.home.root)
    with _changing(sitting.home):
        sitting.refresh("history", 0)


@contextmanager
def _changing(home: Home) -> Iterator[None]:
    """A home without the mark of a green state until the block has ended well."""
    mark = home.root / MARK
    mark.unlink(missing_ok=True)
    yield
    mark.write_text(commit(), encoding="utf-8")


def _store(
    sitting: Sitting,
    case: str,
    run: int,
    cost: Cost,
    facts: dict[str, object] | None = None,
    of: Sitting | None = None,
) -> None:
    """Store what a refresh cost with its steps, under the size of the sitting that asked."""
    parts = steps_of_last_run(sitting.home)
    known = {"lines": homes.lines_delivered(sitting.home), **(facts or {})}
    size = (of or sitting).size
    sitting.records.add(case, size.lines, run, cost, parts, known)


def steps_of_last_run(home: Home) -> dict[str, float]:
    """CPU seconds of each step of the run that began last."""
    journal = Journal(home.journal)
    (last,) = journal.last_runs(1)
    return dict(
        journal.query(
            "select step, sum(cpu_seconds) from ops.steps where run_id = ? "
            "group by step order by min(started_at)",
            [last.run_id],
        )
    )
