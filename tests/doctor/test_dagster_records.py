"""What the doctor reads from the files that Dagster itself writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test
from dagster._daemon.types import DaemonHeartbeat

from orchestration.doctor import dagster_records
from orchestration.doctor.finding import Level, Subject
from orchestration.home import Home
from orchestration.instance import use_instance
from orchestration.lock import RunLock


@pytest.fixture
def instance(subject: Subject) -> Iterator[dg.DagsterInstance]:
    use_instance(subject.home)
    with dg.DagsterInstance.get() as instance:
        yield instance


def _switch_on(home: Home) -> None:
    with sqlite3.connect(home.dagster / "schedules" / "schedules.db") as connection:
        connection.execute(
            "insert into instigators (selector_id, repository_selector_id, status, "
            "instigator_type, instigator_body) values ('s', 'r', 'RUNNING', 'SCHEDULE', '{}')"
        )


def _beat(instance: dg.DagsterInstance, at: datetime) -> None:
    instance.add_daemon_heartbeat(DaemonHeartbeat(at.timestamp(), "SCHEDULER", "a", []))


def test_before_the_first_run_there_is_nothing(subject: Subject, words) -> None:
    assert "schedule is off" in words(dagster_records.check_schedule(subject), Level.OK)
    assert "no records yet" in words(dagster_records.check_pools(subject), Level.OK)


def test_a_dead_run_that_stands_as_going(
    subject: Subject, instance: dg.DagsterInstance, words
) -> None:
    assert "no dead run" in words(dagster_records.check_pools(subject), Level.OK)
    run = create_run_for_test(instance, status=dg.DagsterRunStatus.STARTED)
    assert run.run_id[:8] in words(dagster_records.check_pools(subject), Level.WARN)
    RunLock.acquire(subject.home.lock)
    assert "a run is going" in words(dagster_records.check_pools(subject), Level.OK)
    RunLock.release(subject.home.lock)


def test_a_dead_run_that_keeps_its_place(
    subject: Subject, instance: dg.DagsterInstance, words
) -> None:
    storage = instance.event_log_storage
    storage.initialize_concurrency_limit_to_default("warehouse")
    storage.claim_concurrency_slot("warehouse", "deadbeef-run", "ingest_pos")
    assert "deadbeef" in words(dagster_records.check_pools(subject), Level.WARN)
    storage.free_concurrency_slots_for_run("deadbeef-run")
    assert "the pool is free" in words(dagster_records.check_pools(subject), Level.OK)


def test_a_schedule_without_a_daemon(
    subject: Subject, instance: dg.DagsterInstance, words: Callable[..., str]
) -> None:
    _ = instance.schedule_storage.all_instigator_state()
    _switch_on(subject.home)
    said = words(dagster_records.check_schedule(subject), Level.FAIL)
    assert "not seen ever" in said
    assert "dagster-daemon" in said
    now = datetime(2026, 10, 1, 12)
    _beat(instance, datetime.fromisoformat("2026-10-01T12:00:00+00:00"))
    soon = replace(subject, clock=now + timedelta(minutes=4))
    assert "the daemon runs" in words(dagster_records.check_schedule(soon), Level.OK)
    late = replace(subject, clock=now + timedelta(minutes=6))
    said = words(dagster_records.check_schedule(late), Level.FAIL)
    assert "since 2026-10-01 12:00Z" in said
