"""Measurements as they are stored: one JSON object a line, each with what it was measured on.

A measurement is known by case, size, run and the state of the code; one that is stored is not made
again. Nothing is ever overwritten: of equal ones the last counts.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.cost import Cost

FILE = "measurements.jsonl"
_ROOT = Path(__file__).resolve().parent.parent
_CODE = (
    *("*.py", "*.sql", "*.yml", "*.csv", "constraints.txt"),
    *(":!tests", ":!benchmarks/table.py", ":!benchmarks/growth.py", ":!benchmarks/sitting.py"),
)
_PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "dlt", "dagster", "great-expectations", "pandas")


@dataclass(frozen=True)
class Measurement:
    """What one run of a case cost. `lines` is the size's name in millions of receipt lines.

    `parts` are CPU seconds by step or model, where the case tells them apart; `facts` what else is
    worth knowing of it (lines that were really there, say).
    """

    case: str
    lines: float
    run: int
    cost: Cost
    commit: str
    measured_at: str
    machine: dict[str, Any]
    parts: dict[str, float] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


class Records:
    """The stored measurements of a work folder."""

    def __init__(self, work: Path) -> None:
        self.path = work / FILE

    def all(self) -> list[Measurement]:
        """Every measurement, in the order in which they were made."""
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return [_measurement(json.loads(line)) for line in lines if line.strip()]

    def has(self, case: str, lines: float, run: int) -> bool:
        """Whether this run of the case was measured on the code as it is."""
        wanted = (case, lines, run, commit())
        return wanted in {(m.case, m.lines, m.run, m.commit) for m in self.all()}

    def add(
        self,
        case: str,
        lines: float,
        run: int,
        cost: Cost,
        parts: dict[str, float] | None = None,
        facts: dict[str, Any] | None = None,
    ) -> Measurement:
        """Store a measurement that was made just now."""
        made = Measurement(
            case, lines, run, cost, commit(), _now(), machine(), parts or {}, facts or {}
        )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(asdict(made), ensure_ascii=False) + "\n")
        return made


def of_last_commit(measurements: Iterable[Measurement]) -> list[Measurement]:
    """Those of the code that was measured last, of equal ones the last."""
    made = list(measurements)
    if not made:
        return []
    wanted = made[-1].commit
    return list({(m.case, m.lines, m.run): m for m in made if m.commit == wanted}.values())


@cache
def commit() -> str:
    """The state of the code: the last commit that changed it, and a mark of what differs from it.

    Pages, tests and what only prints may change without anything being measured again.
    """
    last = _git("log", "-1", "--format=%h", "--abbrev=12", "--", *_CODE).strip()
    changes = _git("diff", "HEAD", "--", *_CODE)
    return last + ("+" + hashlib.sha256(changes.encode()).hexdigest()[:8] if changes else "")


@cache
def machine() -> dict[str, Any]:
    """What it was measured on: processor, memory, kernel, versions."""
    return {
        "cpu": _first_value(Path("/proc/cpuinfo"), "model name") or platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(
            int(_first_value(Path("/proc/meminfo"), "MemTotal").split()[0]) / 2**20
        ),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
    }


def _git(*arguments: str) -> str:
    """Output of git; empty where there is none, as in an unpacked archive."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"benchmarks: the state of the code is unknown: {error}", file=sys.stderr)
        return ""
    return done.stdout


def _first_value(path: Path, name: str) -> str:
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def _now() -> str:
    return datetime.now(UTC).replace(microsecond=0).isoformat()


def _measurement(stored: dict[str, Any]) -> Measurement:
    return Measurement(**stored | {"cost": Cost(**stored["cost"])})
