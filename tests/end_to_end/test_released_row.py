"""A row set aside and released, and a run killed while it takes it in: neither leaves a trace."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from orchestration.quarantine import list_rows, release
from tests.conftest import ROOT, Retailer, make_retailer, own_environment
from tests.orchestration.test_cli import environment_of, run_tokui

READER = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
print(connection.sql("from ops.publication").fetchone()[0], flush=True)
sys.stdin.readline()
print(connection.sql("from ops.publication").fetchone()[0], flush=True)
"""


@dataclass(frozen=True)
class Nights:
    """A retailer after a run that was killed and one that nobody disturbed, and what was seen.

    `reads` are the versions that one reader saw, before and after the second run.
    """

    retailer: Retailer
    before: str | None
    killed_run: str
    after_the_kill: str | None
    done: subprocess.CompletedProcess[str]
    reads: list[str]


@pytest.fixture(scope="module")
def nights(published_demo: Retailer, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    retailer = make_retailer(tmp_path_factory.mktemp("released") / "shop")
    _set_a_row_aside(retailer, published_demo)
    before = retailer.version()
    killed_run = _kill_a_refresh(retailer)
    after_the_kill = retailer.version()
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(retailer.home.served)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None
    read = reader.stdout.readline()
    done = run_tokui(retailer.home.root, retailer.config, "refresh")
    reads = [read.strip(), reader.communicate("\n", timeout=60)[0].strip()]
    return Nights(retailer, before, killed_run, after_the_kill, done, reads)


def _set_a_row_aside(retailer: Retailer, published_demo: Retailer) -> None:
    """Publish without a ticket's newest version, which cannot be read, and release it put right."""
    path = retailer.feeds / "support" / "tickets_20260930.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("2026-08-24T13:00:00+09:00", "yesterday", 1), encoding="utf-8")
    with own_environment():
        assert retailer.refresh() == 0, retailer.message()
    assert retailer.digests() != published_demo.digests()
    (row,) = list_rows(retailer.home)
    assert (row.file, row.line, row.state) == ("tickets_20260930.csv", 2, "open")
    release(retailer.home, [row], {"created_at": "2026-08-24T13:00:00+09:00"})


def _kill_a_refresh(retailer: Retailer) -> str:
    """Kill the run's process within a step; the id of the run."""
    parent = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", "refresh"],
        cwd=ROOT,
        env=environment_of(retailer.home.root, retailer.config),
        stderr=subprocess.PIPE,
        text=True,
    )
    state = _wait_for_step(retailer.home.work / "run.json")
    for child in psutil.Process(parent.pid).children():
        child.kill()
    _, err = parent.communicate(timeout=60)
    assert parent.returncode == 4
    assert "the run was killed by SIGKILL (out of memory?)" in err
    assert "The last publication stays" in err
    return state["run_id"]


def _wait_for_step(path: Path) -> dict:
    """The state of the run once a feed is being loaded."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        if path.exists():
            state = json.loads(path.read_text())
            if (state["current_step"] or "").startswith("ingest"):
                return state
        time.sleep(0.01)
    raise AssertionError("no feed was loaded in five minutes")


def test_a_killed_run_publishes_nothing_and_is_known_as_killed(nights: Nights) -> None:
    assert nights.after_the_kill == nights.before
    row = nights.retailer.journal.find_run(nights.killed_run)
    assert row is not None
    assert row.status == "killed"
    home = nights.retailer.home
    assert not home.work.exists()
    assert not (home.runs / nights.killed_run).exists()


def test_the_next_run_publishes_beside_a_reader(nights: Nights) -> None:
    retailer, done = nights.retailer, nights.done
    assert done.returncode == 0, done.stderr
    assert str(retailer.home.served) in done.stdout
    assert retailer.version() != nights.before
    assert retailer.published("select version from ops.publication") == [(retailer.version(),)]
    assert nights.reads == [nights.before] * 2


def test_a_released_row_counts_once_as_though_it_had_been_good(
    nights: Nights, published_demo: Retailer
) -> None:
    """Nothing tells it apart, though the run that took it in first was killed."""
    retailer = nights.retailer
    assert retailer.digests() == published_demo.digests()
    query = (
        "select * exclude (feed) from ops.row_accounting where table_name = 'raw_support.tickets'"
    )
    assert retailer.published(query) == published_demo.published(query)
    assert [row.state for row in list_rows(retailer.home)] == ["released"]
