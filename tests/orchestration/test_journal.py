"""The journal: patient with readers, whole after a death, and never doubled by a second try."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from expectations.model import CheckResult, Severity
from ingestion.errors import HeldFile
from ingestion.landing import QuarantinedRow
from ingestion.source import FeedReport
from orchestration import journal as journals
from orchestration.journal import Journal

NOW = datetime(2026, 10, 1)
HOLD = """
import duckdb, sys, time
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "read")
print("held", flush=True)
time.sleep(float(sys.argv[3]))
"""


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    journal = Journal(tmp_path / "ops" / "journal.duckdb")
    journal.start_run("run-1", "demo", NOW)
    return journal


def _hold(journal: Journal, how: str, seconds: float) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(journal.path), how, str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


@pytest.mark.parametrize("how", ["read", "write"])
def test_a_program_that_holds_it_for_a_moment_fails_no_run(journal: Journal, how: str) -> None:
    holder = _hold(journal, how, 0.7)
    journal.finish_run("run-1", "published", "done", version="v1")
    holder.wait()
    assert journal.find_run("run-1").status == "published"


def test_a_program_that_keeps_it_is_named_in_the_end(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "_BUSY_SECONDS", 0.2)
    holder = _hold(journal, "read", 60)
    with pytest.raises(duckdb.IOException, match=str(holder.pid)):
        journal.finish_run("run-1", "published")
    holder.kill()
    holder.wait()


def test_what_is_no_matter_of_waiting_fails_at_once(tmp_path: Path) -> None:
    path = tmp_path / "journal.duckdb"
    path.write_bytes(b"this is no database" * 1000)
    start = time.monotonic()
    with pytest.raises(duckdb.Error):
        Journal(path).start_run("run-1", "demo", NOW)
    assert time.monotonic() - start < 5


def test_runs_are_listed_newest_first_and_found_by_the_beginning_of_their_id(
    journal: Journal,
) -> None:
    journal.start_run("abc-2", "demo", datetime(2026, 10, 3))
    journal.start_run("zzz-3", "demo", datetime(2026, 10, 2))
    assert [row.run_id for row in journal.last_runs()] == ["abc-2", "zzz-3", "run-1"]
    assert [row.run_id for row in journal.last_runs(1)] == ["abc-2"]
    assert journal.find_run("zz").run_id == "zzz-3"
    assert journal.find_run("nothing") is None
    journal.finish_run("abc-2", "stopped", "why", as_of=date(2026, 9, 30))
    assert {row.run_id for row in journal.running()} == {"zzz-3", "run-1"}


def test_a_run_that_starts_again_forgets_how_it_ended(journal: Journal) -> None:
    journal.finish_run("run-1", "stopped", "why", as_of=date(2026, 9, 30))
    journal.start_run("run-1", "demo", NOW)
    row = journal.find_run("run-1")
    assert (row.status, row.message, row.finished_at) == ("running", None, None)
    assert row.as_of_date == date(2026, 9, 30)


def test_an_absent_journal_knows_no_runs(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.duckdb")
    assert journal.last_runs() == []
    assert journal.find_run("any") is None
    assert not journal.path.exists()


def test_a_gate_or_feed_that_runs_again_replaces_its_rows(journal: Journal) -> None:
    for observed in ("1", "2"):
        journal.record_checks("run-1", "raw", [_check(observed)], None)
        journal.record_feed("run-1", _report(held=[HeldFile("raw_pos.stores", "a", "bad")]))
    assert journal.query("select observed from ops.check_results") == [("2",)]
    assert journal.query("select message from ops.held_files") == [("bad",)]


def test_a_write_that_fails_leaves_nothing_behind(journal: Journal) -> None:
    journal.record_checks("run-1", "raw", [_check("1")], None)
    broken = _check("2")
    object.__setattr__(broken, "unexpected_count", "many")
    with pytest.raises(duckdb.Error):
        journal.record_checks("run-1", "raw", [_check("2"), broken], None)
    assert journal.query("select observed from ops.check_results") == [("1",)]


def test_a_quarantined_row_stands_once_whatever_meets_it(journal: Journal) -> None:
    rows = [QuarantinedRow("raw_pos.stores", "a.csv", n, "bad", "山田") for n in range(20_000)]
    start = time.monotonic()
    journal.record_feed("run-1", _report(quarantined=rows))
    journal.record_feed("run-2", _report(quarantined=rows))
    assert time.monotonic() - start < 10
    assert journal.query(
        "select count(*), min(line), max(line), any_value(first_run_id) from ops.quarantined_rows"
    ) == [(20_000, 0, 19_999, "run-1")]
    assert journal.query("select count(*), min(payload) from pii.quarantined_payloads") == [
        (20_000, "山田")
    ]


def test_a_log_left_by_a_killed_writer_is_read(journal: Journal) -> None:
    script = (
        "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); "
        "c.execute(\"update ops.runs set status = 'stopped'\"); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", script, str(journal.path)], check=False)
    assert journal.path.with_name("journal.duckdb.wal").exists()
    assert journal.find_run("run-1").status == "stopped"
    journal.start_run("run-2", "demo", datetime.now(UTC))
    assert len(journal.last_runs()) == 2


def _check(observed: str) -> CheckResult:
    return CheckResult(
        suite="raw_pos.stores",
        rule="key_unique",
        severity=Severity.CRITICAL,
        acceptable=False,
        passed=False,
        observed=observed,
        threshold="0",
        unexpected_count=1,
        examples=(),
        explanation="why",
        as_of=None,
        run_id="run-1",
    )


def _report(
    held: list[HeldFile] | None = None, quarantined: list[QuarantinedRow] | None = None
) -> FeedReport:
    report = FeedReport("pos", {})
    report.held.extend(held or [])
    report.quarantined.extend(quarantined or [])
    return report
