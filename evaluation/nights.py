"""Thirty nights on one warehouse: keys stay, and nights add up to what a rebuild gives.

After each night every record that was there must have its key, or a recorded change that says
otherwise, and a merge must have kept the older key. In the end a second run changes nothing, and a
full rebuild of a copy gives every record the same key and every mart the same digest.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from evaluation.continuity import Night, compare_nights, count_differences, save_state
from evaluation.pipeline import digests, refresh, tokui
from orchestration.home import Home

_HEADINGS = ("records", "new", "changed", "merges", "vanished", "unexplained", "wrong_merges")


def main(work: Path, scale: str, seed: int, nights: int) -> int:
    """Run the nights and print a row each; 1 when something changed that must not.

    Args:
        work: folder for the home `nights-<scale>-<seed>`; one that is there is gone on with.
    """
    home = work / f"nights-{scale}-{seed}"
    tokui(home, "demo", "--scale", scale, "--seed", str(seed))
    complaints = _run_nights(home, nights)
    complaints += _run_again(home)
    complaints += _rebuild(home, work / f"{home.name}-rebuilt")
    print("\n".join(complaints) or f"{nights} nights: keys stayed, and a rebuild is the same")
    return int(bool(complaints))


def _run_nights(home: Path, nights: int) -> list[str]:
    print(f"{'night':>5}" + "".join(f"{name:>14}" for name in _HEADINGS), flush=True)
    complaints = []
    before = _save(home, "before")
    for number in range(1, nights + 1):
        tokui(home, "demo", "--nights", "1")
        after = _save(home, "after")
        night = compare_nights(before, after)
        print(_row(number, night), flush=True)
        if not night.is_clean:
            complaints.append(f"night {number}: {night}")
        after.replace(before)
    return complaints


def _run_again(home: Path) -> list[str]:
    """The same run a second time."""
    before, published = _save(home, "before"), digests(home)
    refresh(home)
    complaints = []
    if count_differences(before, _save(home, "after")):
        complaints.append("a second run of the last night changed customer keys")
    if digests(home) != published:
        complaints.append(f"a second run changed {_changed(published, digests(home))}")
    return complaints


def _rebuild(home: Path, copy: Path) -> list[str]:
    """Everything again from the raw tables, in a copy of the home."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(home, copy, symlinks=True)
    refresh(copy, "--full")
    complaints = []
    differences = count_differences(_save(home, "before"), _save(copy, "after"))
    if differences:
        complaints.append(f"a full rebuild gives {differences} records another key")
    if digests(home) != digests(copy):
        complaints.append(f"a full rebuild changes {_changed(digests(home), digests(copy))}")
    return complaints


def _save(home: Path, name: str) -> Path:
    state = home.parent / f"{home.name}-{name}.duckdb"
    save_state(Home(home).current, state)
    return state


def _row(number: int, night: Night) -> str:
    return f"{number:>5}" + "".join(f"{getattr(night, name):>14,}" for name in _HEADINGS)


def _changed(before: dict[str, str], after: dict[str, str]) -> str:
    names = sorted(name for name in before | after if before.get(name) != after.get(name))
    return "the digest of " + ", ".join(names)
