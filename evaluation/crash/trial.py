"""One trial: a run killed at a moment (or several runs, a moment each), and an undisturbed one."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluation.crash import homes
from evaluation.crash.moments import AFTER, WRITING, Moment, Watch, kill_at
from evaluation.crash.readers import Reads, reading
from evaluation.crash.verdict import State, in_fork, is_whole, leftovers, state_of
from evaluation.harness import Site, refresh, start
from orchestration.home import Home
from orchestration.journal import Journal

ENDED_FIRST = "not at all"
_USUAL_AFTER_SECONDS = 0.5


@dataclass(frozen=True)
class Twin:
    """What undisturbed runs make of the base, and the seconds that each place takes them."""

    state: State
    usual: dict[str, float]


@dataclass
class Outcome:
    """How a trial went. `died_in` names where each run died, `complaints` what must not be."""

    moments: Sequence[Moment]
    died_in: list[str] = field(default_factory=list)
    seconds: float = 0.0
    healed_with: int | None = None
    reads: Reads = field(default_factory=Reads)
    complaints: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.complaints and self.healed_with == 0


def make_twin(base: Site, folder: Path) -> Twin:
    """Run a copy of the base undisturbed.

    Raises:
        homes.TrialError: it was not green.
    """
    site = homes.copy(base, folder)
    homes.run_green(site)
    twin = twin_of(Home(site.home))
    shutil.rmtree(folder)
    return twin


def twin_of(home: Home) -> Twin:
    """The twin that a home is, whose last run was disturbed by nobody."""
    return Twin(in_fork(state_of, home), in_fork(_usual, home))


def try_moments(base: Site, folder: Path, moments: Sequence[Moment], twin: Twin) -> Outcome:
    """Kill a run at each moment in turn, run undisturbed, and compare with the twin.

    Two readers look on from the first run to the last. The copy is removed when all went well.
    """
    outcome = Outcome(moments)
    began = time.monotonic()
    site = homes.copy(base, folder)
    home = Home(site.home)
    with reading(home) as outcome.reads:
        for moment in moments:
            outcome.died_in.append(_kill(site, moment, twin))
            outcome.complaints += in_fork(is_whole, home)
        outcome.healed_with = refresh(site)
    outcome.seconds = time.monotonic() - began
    outcome.complaints += _judge(home, twin, outcome)
    if outcome.is_good:
        shutil.rmtree(folder)
    return outcome


def _kill(site: Site, moment: Moment, twin: Twin) -> str:
    watch = Watch(Home(site.home))
    return kill_at(start(site), watch, moment, twin.usual) or ENDED_FIRST


def _judge(home: Home, twin: Twin, outcome: Outcome) -> list[str]:
    reads = outcome.reads
    complaints = []
    if ENDED_FIRST in outcome.died_in:
        complaints.append("a run ended before it was killed")
    if reads.errors or reads.torn:
        complaints.append(f"{reads.errors} reads failed, {reads.torn} were torn {reads.said}")
    if outcome.healed_with != 0:
        return [*complaints, f"the undisturbed run ended with {outcome.healed_with}"]
    complaints += in_fork(state_of, home).differences(twin.state)
    return complaints + in_fork(is_whole, home) + in_fork(leftovers, home)


def _usual(home: Home) -> dict[str, float]:
    """Seconds of each step of the last run; a version is written in most of the last one's."""
    (row,) = Journal(home.journal).last_runs(1)
    steps = dict(
        Journal(home.journal).query(
            "select step, wall_seconds from ops.steps where run_id = ?", [row.run_id]
        )
    )
    return steps | {WRITING: steps["publish"] / 2, AFTER: _USUAL_AFTER_SECONDS}
