"""What the doctor says of disk, lock, leftovers, journal, last runs and quarantine."""

from __future__ import annotations

import os
import shutil
from collections import namedtuple

import duckdb
import pytest

from ingestion.decisions import Action
from orchestration.decisions import decide
from orchestration.doctor import records, runs
from orchestration.doctor.finding import Level, Subject
from orchestration.journal import utc_now
from orchestration.lock import RunLock, holder_of
from tests.orchestration.conftest import SmallHome

Usage = namedtuple("Usage", "total used free")


def _end(small: SmallHome, *statuses: str) -> None:
    for number, status in enumerate(statuses):
        small.journal.start_run(f"run-{number}", "demo", utc_now())
        if status != "running":
            small.journal.finish_run(f"run-{number}", status, "said why")


def _sql(small: SmallHome, statement: str) -> None:
    with duckdb.connect(str(small.home.journal)) as connection:
        connection.execute(statement)


@pytest.mark.parametrize(("free", "level"), [(199, Level.FAIL), (201, Level.OK)])
def test_a_disk_without_room(
    subject: Subject, monkeypatch: pytest.MonkeyPatch, free: int, level: Level, words
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, free * 2**20))
    assert "200" in words(runs.check_disk(subject), level)


def test_a_large_warehouse_needs_room_for_its_copy(
    subject: Subject, monkeypatch: pytest.MonkeyPatch, words
) -> None:
    subject.home.current.parent.mkdir(parents=True)
    with subject.home.current.open("wb") as stream:
        stream.truncate(400 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 900 * 2**20))
    assert "a run needs 1,000" in words(runs.check_disk(subject), Level.FAIL)


def test_a_lock_is_free_whatever_its_file_says(subject: Subject, words) -> None:
    lock = subject.home.lock
    lock.parent.mkdir(parents=True, exist_ok=True)
    assert holder_of(lock) is None
    for text in ("", "unknown", "999999999", "1"):  # Nobody, nonsense, dead, alive without it.
        lock.write_text(text)
        assert holder_of(lock) is None
    RunLock.acquire(lock)
    assert holder_of(lock) == os.getpid()
    assert "a run is going" in words(runs.check_lock(subject), Level.OK)
    RunLock.release(lock)
    assert holder_of(lock) is None


def test_leftovers_of_a_killed_run(small: SmallHome, subject: Subject, words) -> None:
    small.publish("run-a", 1)
    assert "no run left anything" in words(runs.check_leftovers(subject), Level.OK)
    small.run("run-b", 2)
    (small.home.versions / ".20260101.tmp").mkdir()
    said = words(runs.check_leftovers(subject), Level.WARN)
    assert f"{small.home.work}, {small.home.versions / '.20260101.tmp'}" in said
    RunLock.acquire(small.home.lock)
    assert "a run is going" in words(runs.check_leftovers(subject), Level.OK)
    RunLock.release(small.home.lock)


def test_a_journal_of_another_version(small: SmallHome, subject: Subject, words) -> None:
    assert "none yet" in words(records.check_journal(subject), Level.OK)
    _end(small, "published")
    assert "version" in words(records.check_journal(subject), Level.OK)
    _sql(small, "drop table ops.schema_versions")
    assert "tokui upgrade" in words(records.check_journal(subject), Level.FAIL)


def test_a_journal_that_lacks_a_column(small: SmallHome, subject: Subject, words) -> None:
    _end(small, "published")
    _sql(small, "alter table ops.held_files drop column message")
    assert "lack columns" in words(records.check_journal(subject), Level.FAIL)


@pytest.mark.parametrize(
    ("statuses", "level", "said"),
    [
        ((), Level.OK, "none yet"),
        (("crashed", "published"), Level.OK, "the last one: run-1 published"),
        (("stopped", "unchanged", "killed"), Level.WARN, "1 red run(s) in a row: run-2 killed"),
        (("stopped", "crashed", "killed"), Level.FAIL, "3 red run(s) in a row: run-2 killed"),
        (("published", "running"), Level.WARN, "run run-1 never said how it ended"),
    ],
)
def test_how_the_last_runs_ended(
    small: SmallHome, subject: Subject, statuses: tuple[str, ...], level: Level, said: str, words
) -> None:
    _end(small, *statuses)
    assert said in words(records.check_last_runs(subject), level)


def test_a_run_that_is_going_is_no_dead_one(small: SmallHome, subject: Subject) -> None:
    _end(small, "published", "running")
    RunLock.acquire(small.home.lock)
    assert {one.level for one in records.check_last_runs(subject)} == {Level.OK}
    RunLock.release(small.home.lock)


def test_rows_that_wait_in_quarantine(small: SmallHome, subject: Subject, words) -> None:
    assert "no row waits" in words(records.check_quarantine(subject), Level.OK)
    _end(small, "published")
    assert "no row waits" in words(records.check_quarantine(subject), Level.OK)
    for line in (2, 3):
        _sql(
            small,
            "insert into ops.quarantined_rows values "
            f"('raw_pos.receipts', 'a.csv', {line}, 'no key', 'run-0', now()::timestamp)",
        )
    decide(small.journal, [("raw_pos.receipts", "a.csv", 2, "no key")], Action.DISCARD)
    assert "raw_pos.receipts 1" in words(records.check_quarantine(subject), Level.WARN)
