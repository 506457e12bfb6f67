"""The good nights that faults are held against: what was served before, and the clean night."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from demo.calendar import BASE_DAYS, date_of
from demo.generate import add_night, generate, read_state
from demo.scale import SCALES, Scale
from demo.world import World
from evaluation.faults.facts import read_facts
from evaluation.faults.model import NightFacts
from evaluation.faults.night import Night
from evaluation.harness import Site, in_forks, refresh
from evaluation.pipeline import CommandError

SEED = 1


@dataclass(frozen=True)
class Base:
    """A home that published its base history and has a further night delivered."""

    home: Path
    delivery: str
    before: NightFacts
    clean: NightFacts


def site_of(home: Path) -> Site:
    """A home that holds its feeds and settings itself."""
    return Site(home / "tokui.toml", home, home.with_name(f"{home.name}.log"))


def make_base(work: Path, scale: Scale, published: Path | None) -> Base:
    """Make the base and its clean night below a folder.

    Args:
        published: the home of a demo of that scale and of seed 1 that is published already.

    Raises:
        CommandError: one of the two runs is not green.
    """
    home, clean = work / "base", work / "clean"
    for left in (home, clean):
        shutil.rmtree(left, ignore_errors=True)
        site_of(left).log.unlink(missing_ok=True)
    if published is None:
        generate(home, scale, SEED)
        _publish(home)
    else:
        shutil.copytree(published, home, symlinks=True)
    add_night(home, World(SEED, scale))
    shutil.copytree(home, clean, symlinks=True)
    _publish(clean)
    return read_base(work)


def read_base(work: Path) -> Base:
    """The base that an earlier call made below a folder.

    Raises:
        FileNotFoundError: there is none.
    """
    home, clean = work / "base", work / "clean"
    if not (clean / "published" / "manifest.json").exists():
        raise FileNotFoundError(f"{work} holds no base to use again; run without --reuse")
    day = date_of(BASE_DAYS + read_state(home).nights - 1)
    (_, before), (_, after) = sorted(in_forks(_read_green, [home, clean], jobs=1))
    return Base(home, f"{day:%Y%m%d}", before, after)


def night_of(base: Base, home: Path) -> Night:
    """A copy of the base at another place, whose night may be spoilt."""
    shutil.copytree(base.home, home, symlinks=True)
    return Night(home, base.delivery)


def scale_of(people: int) -> Scale:
    """The goods of the small retailer with so many people and few stores."""
    return Scale("small", people, stores=2 if people < SCALES["small"].people else 8)


def _publish(home: Path) -> None:
    status = refresh(site_of(home))
    if status:
        said = site_of(home).log.read_text(encoding="utf-8")[-2000:]
        raise CommandError(f"the good night of {home} ended with {status}:\n{said}")


def _read_green(home: Path) -> NightFacts:
    return read_facts(home, 0, "")
