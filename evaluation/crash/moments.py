"""Moments at which a run is killed: in every step, and in every stretch of publication."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from pathlib import Path

from evaluation.harness import Child
from orchestration.home import Home
from orchestration.publication import read_manifest
from orchestration.run import STAGES

BEFORE, AFTER = "before the first step", "after the commit"
WRITING, SWAPPING, COMMITTING, FOLLOWING = (
    "version being written",
    "version written",
    "warehouse swapped",
    "manifest replaced",
)
PLACES = (
    BEFORE,
    *(step for stage in STAGES for step in stage),
    *(WRITING, SWAPPING, COMMITTING, FOLLOWING, AFTER),
)
"""Where a run can be, in its order; what follows `publish` is told by what stands on the disk."""

_POLL_SECONDS, _POLL_SECONDS_PUBLISHING = 0.01, 0.0002


@dataclass(frozen=True)
class Moment:
    """A place of a run, and the share of the place's usual time that passes before the kill."""

    place: str
    share: float

    def __str__(self) -> str:
        return f"{self.place} + {self.share:.0%}"


def draw_moments(kills: int, seed: int) -> list[Moment]:
    """So many moments by chance; no place has its turn again before every other had one."""
    rng = random.Random(seed)
    moments: list[Moment] = []
    while len(moments) < kills:
        places = rng.sample(PLACES, len(PLACES))
        moments += [Moment(place, rng.random()) for place in places]
    return moments[:kills]


class Watch:
    """Tells from outside where a run is: from its state, and from what it put on the disk."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._versions = set(_names(home.versions))
        self._warehouse = _identity(home.current)
        self._manifest = _identity(home.manifest)
        self._last = BEFORE

    def place(self) -> str:
        """Where the run is, one of `PLACES`."""
        self._last = self._published() or self._step() or self._last
        return self._last

    def _published(self) -> str | None:
        if _identity(self.home.manifest) != self._manifest:
            return AFTER if self._is_served() else FOLLOWING
        if _identity(self.home.current) != self._warehouse:
            return COMMITTING
        new = set(_names(self.home.versions)) - self._versions
        if new:
            return WRITING if all(name.startswith(".") for name in new) else SWAPPING
        return None

    def _step(self) -> str | None:
        try:
            state = json.loads((self.home.work / "run.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return state["current_step"]

    def _is_served(self) -> bool:
        head = read_manifest(self.home)
        assert head is not None
        return _identity(self.home.served) == _identity(
            self.home.versions / head["version"] / "crm.duckdb"
        )


def kill_at(child: Child, watch: Watch, moment: Moment, usual: dict[str, float]) -> str | None:
    """Kill a run at a moment; where it died, None when it ended before that.

    Args:
        watch: begun before the run.
        usual: seconds that each place takes when nobody disturbs the run.
    """
    if not reach(child, watch, moment.place):
        return None
    deadline = time.monotonic() + moment.share * usual.get(moment.place, 0.0)
    while time.monotonic() < deadline and watch.place() == moment.place:
        if child.has_ended():
            return None
        time.sleep(_POLL_SECONDS)
    child.kill()
    return watch.place() if child.wait() < 0 else None


def reach(child: Child, watch: Watch, place: str) -> bool:
    """Wait until the run is at a place or beyond it; False when it ended before."""
    target, publishing = PLACES.index(place), PLACES.index("marts_gate")
    while (reached := PLACES.index(watch.place())) < target:
        if child.has_ended():
            return False
        time.sleep(_POLL_SECONDS_PUBLISHING if reached >= publishing else _POLL_SECONDS)
    return True


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def _identity(path: Path) -> tuple[int, int] | None:
    """Tells a file from the one that replaces it."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns
