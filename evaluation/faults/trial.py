"""One night with faults: a copy of the base, spoilt, refreshed and judged."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from evaluation.faults.base import Base, night_of, site_of
from evaluation.faults.facts import read_facts
from evaluation.faults.model import Comparison, Fault, NightFacts, Verdict
from evaluation.faults.night import Night
from evaluation.harness import refresh
from ingestion.contract import find_table

_SHORTEST = 4


@dataclass(frozen=True)
class Trial:
    """Faults that one night meets together: one, or several that leave each other alone."""

    faults: tuple[Fault, ...]
    home: Path


def run_trial(base: Base, trial: Trial, *, keep: bool = False) -> list[Verdict]:
    """Spoil a copy of the base, run the night, and hold what it left against the expectations."""
    started = time.monotonic()
    shutil.rmtree(trial.home, ignore_errors=True)
    night, site = night_of(base, trial.home), site_of(trial.home)
    site.log.unlink(missing_ok=True)
    for fault in trial.faults:
        fault.inject(night)
    status = refresh(site)
    facts = read_facts(trial.home, status, site.log.read_text(encoding="utf-8"))
    seconds = (time.monotonic() - started) / len(trial.faults)
    found = [_judge(fault, trial, facts, base, seconds) for fault in trial.faults]
    if not keep:
        shutil.rmtree(trial.home)
        site.log.unlink()
    return found


def _judge(fault: Fault, trial: Trial, facts: NightFacts, base: Base, seconds: float) -> Verdict:
    found = Comparison(fault, trial.faults, facts, base.before, base.clean)
    caught, message = fault.expected.told(found)
    complaints = fault.expected.complaints(found)
    said = f"{facts.said}\n{facts.message}"
    if leaked := [value for value in _personal_values(base, fault.table) if value in said]:
        complaints.append(f"{len(leaked)} personal values of {fault.table} are shown")
    return Verdict(fault.name, caught, message, seconds, complaints)


def _personal_values(base: Base, table: str) -> set[str]:
    """Plain personal values of the rows that were spoilt; not those too short to tell."""
    columns = [column.name for column in find_table(table).personal]
    rows = Night(base.home, base.delivery).read(table).rows
    found = {row.get(name, "") for row in rows for name in columns}
    return {value for value in found if len(value) >= _SHORTEST}
