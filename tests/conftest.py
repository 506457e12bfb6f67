"""Warehouses for tests: a home of its own, the sample's feeds, and runs in this process.

Imports and the parse of dbt are paid once a session, so that nights can be tried by the dozen.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb
import pytest

from ingestion import ledger
from ingestion.engine import THREADS, connect
from orchestration.home import Home
from orchestration.journal import Journal
from orchestration.lock import RunLock
from orchestration.publication import read_manifest

if TYPE_CHECKING:
    from tests.generated import FirstNight, GeneratedRetailer

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "tests" / "sample"


FIRST = (
    "end_to_end/test_nights",  # Makes the demo and its first night, which the others wait for.
    "orchestration/test_gates",  # Makes the sample meanwhile.
    "real_data/",
    "end_to_end/test_crash",
    "end_to_end/test_faults_sample",
    "dbt/test_unit_tests",
    "end_to_end/test_small_identity",
    "orchestration/test_gate_decisions",
    "end_to_end/test_released_row",
    "orchestration/test_partial_runs",
    "upgrade/",
    "dbt/",
    "end_to_end/",
    "evaluation/",
    "recomputation/",
    "prediction/",
    "orchestration/",
    "ingestion/",
    "expectations/",
)
"""Parts of the names of files, those that take longest first."""


def pytest_configure() -> None:
    """Processes that run tests side by side share the cores, and so do their engines."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if processes > 1:
        os.environ.setdefault(THREADS, str(max(1, (os.cpu_count() or 1) // processes)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: a file is one process's, and the last one must not keep the other idle."""
    items.sort(
        key=lambda item: next(
            (n for n, part in enumerate(FIRST) if part in item.nodeid), len(FIRST)
        )
    )


@dataclass
class Retailer:
    """A retailer for a test: feeds that may be changed, settings, a warehouse of its own."""

    root: Path

    @property
    def home(self) -> Home:
        return Home(self.root / "home")

    @property
    def feeds(self) -> Path:
        return self.root / "feeds"

    @property
    def config(self) -> Path:
        return self.root / "tokui.toml"

    @property
    def journal(self) -> Journal:
        return Journal(self.home.journal)

    def configure(self, old: str, new: str) -> None:
        """Change a line of the settings."""
        text = self.config.read_text(encoding="utf-8")
        assert old in text
        self.config.write_text(text.replace(old, new), encoding="utf-8")

    def use(self) -> None:
        """Point the environment at this retailer."""
        os.environ["TOKUI_HOME"] = str(self.home.root)
        os.environ["TOKUI_CONFIG"] = str(self.config)

    def refresh(self, as_of: str = "", full: bool = False, next_day: bool = False) -> int:
        """Run the nightly job in this process; the exit status of `tokui refresh`."""
        from orchestration.refresh import refresh

        self.use()
        RunLock.acquire(self.home.lock)
        try:
            return refresh(self.home, as_of, full, next_day)
        finally:
            RunLock.release(self.home.lock)

    def digests(self) -> dict[str, str]:
        """Digest of each published mart."""
        manifest = read_manifest(self.home)
        assert manifest is not None
        return {name: table["digest"] for name, table in manifest["tables"].items()}

    def version(self) -> str | None:
        manifest = read_manifest(self.home)
        return manifest["version"] if manifest else None

    def message(self) -> str:
        """What the last run said when it ended."""
        return self.journal.last_runs(1)[0].message or ""

    def status(self) -> str:
        return self.journal.last_runs(1)[0].status

    def published(self, sql: str) -> list[tuple]:
        """Rows of a query on the file that BI opens."""
        with duckdb.connect(str(self.home.served), read_only=True) as connection:
            return connection.sql(sql).fetchall()

    def copy_to(self, root: Path) -> Retailer:
        """The same retailer, warehouse included, in another folder."""
        shutil.copytree(self.root, root, symlinks=True)
        return type(self)(root)


@contextmanager
def own_environment() -> Iterator[None]:
    """What is set in the environment ends with the block: for what tests share."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test sets in the environment ends with the test."""
    with own_environment():
        yield


@pytest.fixture
def new_retailer(tmp_path: Path) -> Callable[[str], Retailer]:
    """Makes retailers with the sample's feeds and nothing published yet."""

    def make(name: str = "retailer") -> Retailer:
        return make_retailer(tmp_path / name)

    return make


@pytest.fixture(scope="session")
def published_demo(tmp_path_factory: pytest.TempPathFactory) -> Retailer:
    """The sample after its first run. Tests read it; those that change it take a copy."""
    folder = shared_folder(tmp_path_factory)
    retailer = Retailer(folder / "published_demo")
    with one_process_at_a_time(folder / "published_demo.lock"):
        if retailer.root.exists() and retailer.version():
            return retailer
        shutil.rmtree(retailer.root, ignore_errors=True)
        make_retailer(retailer.root)
        with own_environment():
            assert retailer.refresh() == 0, retailer.message()
    return retailer


@pytest.fixture
def demo(published_demo: Retailer, tmp_path: Path) -> Retailer:
    """A copy of the published sample that a test may change."""
    return published_demo.copy_to(tmp_path / "demo")


@pytest.fixture(scope="session")
def generated_demo(tmp_path_factory: pytest.TempPathFactory) -> GeneratedRetailer:
    """The generated demo, published, at a scale for tests. Tests read it or take a copy."""
    from tests.generated import shared_demo

    return shared_demo(shared_folder(tmp_path_factory))


@pytest.fixture(scope="session")
def first_night(
    generated_demo: GeneratedRetailer, tmp_path_factory: pytest.TempPathFactory
) -> FirstNight:
    """The generated demo with its first night delivered, and with that night published."""
    from tests.generated import shared_night

    return shared_night(shared_folder(tmp_path_factory), generated_demo)


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this session see."""
    folder = factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@contextmanager
def one_process_at_a_time(lock: Path) -> Iterator[None]:
    """Within the block the other processes of this session wait."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@cache
def empty_warehouse(profile: str, fingerprint: str) -> bytes:
    """The file of a warehouse that nothing was loaded into, made once a process."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        with connect(path) as connection:
            ledger.prepare(connection, profile, fingerprint)
        return path.read_bytes()


def make_retailer(root: Path) -> Retailer:
    """The sample's feeds, plans and settings in a folder of their own."""
    root.mkdir(parents=True)
    shutil.copytree(SAMPLE / "feeds", root / "feeds")
    for file in (SAMPLE / "tokui.toml", *SAMPLE.glob("*.csv")):
        shutil.copyfile(file, root / file.name)
    return Retailer(root)
