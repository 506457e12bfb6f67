"""Where the time goes: CPU seconds of each step of a run, and of each model of the project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import bare, homes
from orchestration.home import Home


def by_part(steps: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """CPU seconds of the bare script by layer and name, as `staging.stg_pos__receipts`."""
    parts: dict[str, float] = {}
    for step in steps:
        name = f"{step['folder'].replace('/', '.') or step['layer']}.{step['name']}"
        parts[name] = parts.get(name, 0.0) + step["cpu"]
    return parts


def main(home: Path, top: int) -> int:
    """Print the steps of a home's last run and the dearest statements of its bare script."""
    from benchmarks.cases import steps_of_last_run

    found = Home(home)
    print("steps of the last run, CPU s")
    _print(steps_of_last_run(found), top=99)
    with TemporaryDirectory(dir=home) as folder:
        work = Path(folder) / "bare"
        bare.write_script(home, work, homes.last_day(found))
        parts = by_part(bare.run_script(work))
    print(f"models and reads in one process, CPU s: {sum(parts.values()):.1f} in all")
    _print(parts, top)
    return 0


def _print(parts: Mapping[str, float], top: int) -> None:
    for name, seconds in sorted(parts.items(), key=lambda one: -one[1])[:top]:
        print(f"{seconds:>9.2f}  {name}")
