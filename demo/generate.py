"""Makes the demo retailer's feeds: the base history, and nights after it.

A home folder gets `feeds/` (deliveries and `demo.json`, the state), `truth/`, `tokui.toml` and the
plan files that it names.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tqdm import tqdm

from demo import helpdesk, mail, receipts, records, shop
from demo.calendar import BASE_DAYS, HORIZON_DAYS, base_periods
from demo.scale import SCALES, Scale
from demo.settings_file import write_settings
from demo.truth import write_truth
from demo.world import World
from demo.writer import Delivery

PARTS = (shop, records, receipts, mail, helpdesk)
STATE = "demo.json"
MAX_NIGHTS = HORIZON_DAYS - BASE_DAYS


class DemoError(Exception):
    """The home folder does not allow what was asked for; the message says why."""


@dataclass(frozen=True)
class State:
    """What a home folder holds: the world, and how many nights after its base history."""

    seed: int
    scale: str
    nights: int


def generate(home: Path, scale: Scale, seed: int = 1, progress: bool = False) -> World:
    """Write the base history, the truth and the settings; the world, for nights to follow.

    Raises:
        DemoError: the folder already holds a demo.
    """
    if (home / "feeds" / STATE).exists():
        raise DemoError(f"{home} already holds a demo; choose an empty folder")
    world = World(seed, scale)
    bar = tqdm(base_periods(), desc=f"demo {scale.name}", unit="month", disable=not progress)
    for first_day, last_day in bar:
        _deliver(world, home, first_day, last_day)
    write_truth(world, home / "truth")
    _write_state(home, State(seed, scale.name, 0))
    return world


def add_night(home: Path, world: World | None = None) -> int:
    """Deliver the next business date and move `now` past it; the number of nights so far.

    Raises:
        DemoError: the folder holds no demo, or the horizon is reached.
    """
    state = read_state(home)
    if state.nights >= MAX_NIGHTS:
        raise DemoError(f"the demo has {MAX_NIGHTS} nights and no more")
    world = world or World(state.seed, SCALES[state.scale])
    day = BASE_DAYS + state.nights
    _deliver(world, home, day, day)
    _write_state(home, State(state.seed, state.scale, state.nights + 1))
    return state.nights + 1


def read_state(home: Path) -> State:
    """What the folder holds.

    Raises:
        DemoError: it holds no demo.
    """
    path = home / "feeds" / STATE
    if not path.is_file():
        raise DemoError(f"{home} holds no demo: there is no {path}")
    return State(**json.loads(path.read_text(encoding="utf-8")))


def _deliver(world: World, home: Path, first_day: int, last_day: int) -> None:
    delivery = Delivery(home / "feeds", last_day)
    for part in PARTS:
        delivery.write(part.deliver(world, first_day, last_day))
    delivery.close()


def _write_state(home: Path, state: State) -> None:
    """The settings first: without the state a broken night is simply delivered again."""
    write_settings(home, state.nights)
    path = home / "feeds" / STATE
    path.write_text(json.dumps(asdict(state), indent=2) + "\n", encoding="utf-8")
