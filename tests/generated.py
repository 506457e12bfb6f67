"""The generated demo for tests: made and published once, with its truth out of the way.

Tests read it. Besides the home there is what a run leaves nowhere: dbt's logs, what was said on
the console, and the files below the truth's folder that Python code asked for meanwhile.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.scale import SCALES, Scale
from orchestration import demo as command
from orchestration.home import Home
from orchestration.lock import RunLock
from tests.conftest import Retailer, one_process_at_a_time, own_environment

SCALE, SEED = Scale("small", people=1_000, stores=2), 1
"""The small retailer's goods with fewer people."""
_OPENINGS = ("open", "os.listdir", "os.scandir")


@dataclass
class GeneratedRetailer(Retailer):
    """A generated demo: feeds, settings and truth lie in the home itself."""

    @property
    def home(self) -> Home:
        return Home(self.root)

    @property
    def logs(self) -> Path:
        """What the run wrote and said beside the home."""
        return self.root.parent / f"{self.root.name}_logs"

    @property
    def truth(self) -> Path:
        return self.root / "truth"

    @property
    def asked_for(self) -> list[str]:
        """Paths below the truth's folder that the run asked for."""
        return json.loads((self.logs / "asked_for.json").read_text())

    def deliver(self) -> None:
        """Put the next night's files into the feeds."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(SCALES, SCALE.name, SCALE)
            assert command.main(["night", str(self.root)]) == 0
        RunLock.release(self.home.lock)


@dataclass(frozen=True)
class FirstNight:
    """The demo with one more night in its feeds, before the run of that night and after it."""

    delivered: GeneratedRetailer
    published: GeneratedRetailer


def shared_demo(folder: Path) -> GeneratedRetailer:
    """The generated demo in a folder that test processes share; the first of them makes it."""
    retailer = GeneratedRetailer(folder / "generated_demo")
    with one_process_at_a_time(folder / "generated_demo.lock"):
        if not (retailer.logs / "asked_for.json").exists():
            _make(retailer)
    return retailer


def shared_night(folder: Path, demo: GeneratedRetailer) -> FirstNight:
    """The demo's first night in a folder that test processes share; the first of them makes it."""
    night = FirstNight(*(GeneratedRetailer(folder / f"night_{name}") for name in ("in", "run")))
    with one_process_at_a_time(folder / "night.lock"):
        if night.published.version() in (None, demo.version()):
            for retailer in (night.delivered, night.published):
                shutil.rmtree(retailer.root, ignore_errors=True)
            demo.copy_to(night.delivered.root)
            night.delivered.deliver()
            night.delivered.copy_to(night.published.root)
            with own_environment():
                assert night.published.refresh() == 0, night.published.message()
    return night


def _make(retailer: GeneratedRetailer) -> None:
    from demo.generate import generate

    for left in (retailer.root, retailer.logs):
        shutil.rmtree(left, ignore_errors=True)
    retailer.logs.mkdir()
    generate(retailer.root, SCALE, SEED)
    aside = retailer.logs / "truth"
    retailer.truth.rename(aside)
    with own_environment(), _kept_logs(retailer), watched(retailer.truth) as asked_for:
        assert retailer.refresh() == 0, retailer.message()
    aside.rename(retailer.truth)
    (retailer.logs / "asked_for.json").write_text(json.dumps(asked_for))


@contextmanager
def _kept_logs(retailer: GeneratedRetailer) -> Iterator[None]:
    """Within the block, the console goes to a file and a run's folder is kept when it ends."""
    from orchestration import run as runs

    def keep(home: Home) -> None:
        if home.work.exists():
            skipped = shutil.ignore_patterns("warehouse.duckdb*", "crm.duckdb*")
            shutil.copytree(home.work, retailer.logs / "work", ignore=skipped, dirs_exist_ok=True)
        discard(home)

    discard = runs.discard
    with (
        pytest.MonkeyPatch.context() as patch,
        (retailer.logs / "console.log").open("w", encoding="utf-8") as console,
        redirect_stdout(console),
        redirect_stderr(console),
    ):
        patch.setattr(runs, "discard", keep)
        patch.setenv("TOKUI_PROGRESS", "1")
        yield


@contextmanager
def watched(folder: Path) -> Iterator[list[str]]:
    """Collects what Python code opens or lists below a folder while the block runs."""
    asked_for: list[str] = []
    is_on = True

    def note(event: str, arguments: tuple) -> None:
        if is_on and event in _OPENINGS and str(arguments[0]).startswith(str(folder)):
            asked_for.append(str(arguments[0]))

    sys.addaudithook(note)  # It cannot be taken away again.
    try:
        yield asked_for
    finally:
        is_on = False
