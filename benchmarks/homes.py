"""Homes of the measured retailers: feeds that are made once, and warehouses built on them.

A size is named by its receipt lines in millions, a long history by those of its base and how often
they stand there (`10x10`). Feeds lie in `<work>/feeds/<name>`; a home takes
them as links, so that many homes cost the disk of one and a night adds files to its own alone.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.cost import apart
from benchmarks.history import write_history
from demo.scale import SCALES, Scale
from orchestration.home import Home

SEED = 1
_DEMO_SIZES = {0.38: "small", 2.56: "medium", 9.0: "large"}
"""The demo's own sizes by their lines, so that what is measured is what `tokui demo` makes."""
_LINES_A_PERSON = 18.3
_PEOPLE_A_STORE = 4_800
_KEPT_BY_FEEDS = ("feeds", "tokui.toml", "kpi_targets.csv")


@dataclass(frozen=True)
class Size:
    """A retailer of about `base` million receipt lines in two years, `copies` times over."""

    base: float
    copies: int = 1

    @classmethod
    def parse(cls, text: str) -> Size:
        """`3` is 3 million lines, `10x5` ten million five times.

        Raises:
            ValueError: the text is neither.
        """
        base, _, copies = text.partition("x")
        size = cls(float(base), int(copies or 1))
        if size.base <= 0 or size.copies < 1:
            raise ValueError(text)
        return size

    @property
    def lines(self) -> float:
        """Millions of receipt lines in all."""
        return round(self.base * self.copies, 6)

    @property
    def name(self) -> str:
        return f"{self.base:g}M" + (f"x{self.copies}" if self.copies > 1 else "")

    @property
    def scale(self) -> Scale:
        """The generator's scale of the base, within some hundredths of its lines."""
        if self.base in _DEMO_SIZES:
            return SCALES[_DEMO_SIZES[self.base]]
        people = max(60, round(self.base * 1e6 / _LINES_A_PERSON))
        return Scale(f"{self.base:g}M", people, stores=max(2, round(people / _PEOPLE_A_STORE)))


def feeds_of(work: Path, size: Size) -> Path:
    """The folder with the size's feeds and settings, generated if it is not there.

    A generation that was cut off is made anew.
    """
    folder = work / "feeds" / size.name
    if not (folder / "feeds" / "demo.json").exists():
        if size.copies > 1:
            base = feeds_of(work, Size(size.base))
            apart(write_history, base, folder, size.copies)
        else:
            shutil.rmtree(folder, ignore_errors=True)
            apart(_generate, folder, size)
    return folder


def fresh_home(feeds: Path, home: Path) -> Home:
    """An empty home that has these feeds; what stood there is removed."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    for name in _KEPT_BY_FEEDS:
        source = feeds / name
        if source.is_dir():
            shutil.copytree(source, home / name, copy_function=_link_or_copy)
        else:
            shutil.copy2(source, home / name)
    return Home(home)


def deliver_night(home: Home, size: Size) -> date:
    """Put the next business date's files into the home; that date."""
    return apart(_add_night, home, size)


def last_day(home: Home) -> date:
    """The last business date that was delivered."""
    from demo.calendar import BASE_DAYS, date_of

    state = json.loads((home.feeds / "demo.json").read_text(encoding="utf-8"))
    return date_of(BASE_DAYS + state["nights"] - 1)


def environment(home: Home) -> dict[str, str]:
    """Variables with which the project's commands work on a home."""
    return {"TOKUI_HOME": str(home.root), "TOKUI_CONFIG": str(home.settings)}


def lines_delivered(home: Home) -> int:
    """Receipt lines in the raw table of a published home."""
    from ingestion.engine import connect

    with connect(home.current, read_only=True) as connection:
        found = connection.execute("select count(*) from raw_pos.receipt_lines").fetchone()
    assert found is not None
    return int(found[0])


def _link_or_copy(source: str, target: str) -> None:
    """A link to a delivered file, which nobody changes; the state's file is written again."""
    if source.endswith(".csv"):
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def _generate(folder: Path, size: Size) -> None:
    from demo.generate import generate

    generate(folder, size.scale, SEED, progress=True)


def _add_night(home: Home, size: Size) -> date:
    from demo.generate import add_night
    from demo.world import World

    add_night(home.root, World(SEED, size.scale))
    return last_day(home)
