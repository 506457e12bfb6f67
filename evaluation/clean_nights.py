"""Nights on which nothing is wrong: no gate may stop one, and hardly any may warn.

Each seed is a retailer of its own. Its base history and the weeks before the first night are loaded
at once; then every night is delivered and refreshed by itself. The nights go from the end of
November to the middle of January: December's trade, the year's end, New Year, public holidays, and
a store that opens. A warning that stands after the first load is said and counts for no night.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from demo.calendar import BASE_DAYS, date_of
from demo.generate import add_night, generate
from demo.scale import Scale
from evaluation.faults.base import site_of
from evaluation.faults.facts import read_facts
from evaluation.faults.model import Check, NightFacts
from evaluation.harness import Site, in_forks, refresh
from evaluation.pipeline import CommandError

FIRST_NIGHT = 55
"""Nights that are loaded with the base history: the first that is watched is of 25 November."""
STORES = 4
MAX_WARNINGS = 1


@dataclass
class Nights:
    """What the gates said of one seed's nights.

    `standing` are the rules that warned of the base; `alarms` and `warnings` are told by night.
    """

    seed: int
    standing: list[str]
    count: int = 0
    alarms: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_quiet(self) -> bool:
        return not self.alarms and len(self.warnings) <= MAX_WARNINGS

    def add(self, day: date, facts: NightFacts, before: list[Check], seconds: float) -> None:
        """Count a night. One that does not publish is an alarm; a rule that fails warns, unless it
        stands since the base or failed the night before as well."""
        self.count, self.seconds = self.count + 1, self.seconds + seconds
        if facts.status:
            self.alarms.append(f"{day}: {facts.message}")
        self.warnings += [
            f"{day}: {check.name}"
            for check in facts.failed
            if check.severity != "critical"
            and check.name not in self.standing
            and check not in before
        ]


def main(work: Path, seeds: list[int], nights: int, people: int, jobs: int) -> int:
    """Run the nights of each seed and print what the gates said; 1 when they were not quiet.

    Args:
        work: folder for a home a seed, `clean-nights-<seed>`, made anew.
        jobs: seeds side by side.
    """
    os.environ.setdefault("TOKUI_ENGINE_THREADS", "1" if jobs > 1 else str(os.cpu_count() or 1))
    from orchestration.refresh import warm

    warm()
    scale = Scale("small", people, STORES, openings=1)

    def run(seed: int) -> Nights:
        return run_nights(work / f"clean-nights-{seed}", scale, seed, nights)

    found = dict(in_forks(run, seeds, jobs))
    for seed in seeds:
        print(_told(found[seed]))
    return int(not all(one.is_quiet for one in found.values()))


def run_nights(home: Path, scale: Scale, seed: int, nights: int) -> Nights:
    """Make a retailer, load its base, and run so many nights one by one.

    Raises:
        CommandError: the base is not green.
    """
    shutil.rmtree(home, ignore_errors=True)
    site = site_of(home)
    site.log.unlink(missing_ok=True)
    world = generate(home, scale, seed)
    for _ in range(FIRST_NIGHT):
        add_night(home, world)
    facts = _refresh(site)
    if facts.status:
        raise CommandError(f"the base of seed {seed} ended with {facts.status}: {facts.message}")
    found = Nights(seed, sorted({check.name for check in facts.failed}))
    before: list[Check] = facts.failed
    for _ in range(nights):
        day = date_of(BASE_DAYS + add_night(home, world) - 1)
        started = time.monotonic()
        facts = _refresh(site)
        seconds = time.monotonic() - started
        found.add(day, facts, before, seconds)
        before = facts.failed
        print(f"seed {seed}, night {found.count}, {day:%a %Y-%m-%d}: {seconds:.0f} s", flush=True)
    return found


def _refresh(site: Site) -> NightFacts:
    """Run one night; its facts are read in a fork, as this process must open no database."""
    status = refresh(site)
    [(_, facts)] = in_forks(lambda home: read_facts(home, status, ""), [site.home], jobs=1)
    return facts


def _told(found: Nights) -> str:
    lines = [
        f"seed {found.seed}: {found.count} nights of {found.seconds / max(found.count, 1):.0f} s, "
        f"{len(found.alarms)} alarms, {len(found.warnings)} warnings",
        *(f"  stands since the base: {name}" for name in found.standing),
        *(f"  warning {one}" for one in found.warnings),
        *(f"  ALARM {one}" for one in found.alarms),
    ]
    return "\n".join(lines)
