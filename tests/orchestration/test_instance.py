"""Dagster's records after a run that died: no run stays going, no place in the pool taken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import dagster as dg
import pytest

from orchestration.defs.resources import POOL
from orchestration.instance import (
    LOCKED_TAG,
    bury_dead_runs,
    unfinished_records,
    use_instance,
)
from orchestration.journal import utc_now
from orchestration.run import heal
from tests.orchestration.conftest import SmallHome


@dg.op
def _nothing() -> None:
    """Of a job that only stands in the records."""


@dg.job
def _job() -> None:
    _nothing()


@pytest.fixture
def instance(small: SmallHome) -> Iterator[dg.DagsterInstance]:
    small.publish("first", 1)
    use_instance(small.home)
    with dg.DagsterInstance.get() as found:
        yield found


def _started(instance: dg.DagsterInstance, **tags: str) -> str:
    """A run that Dagster takes for going, with its place in the pool."""
    run = instance.create_run_for_job(_job, status=dg.DagsterRunStatus.STARTED, tags=tags)
    instance.event_log_storage.set_concurrency_slots(POOL, 1)
    instance.event_log_storage.claim_concurrency_slot(POOL, run.run_id, "build_marts")
    return run.run_id


def _status(instance: dg.DagsterInstance, run_id: str) -> str:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status.value


def test_a_power_cut_leaves_nothing_behind_after_the_next_start(
    small: SmallHome, instance: dg.DagsterInstance
) -> None:
    """The order of `tokui refresh`: Dagster's records first, then the home."""
    run_id = _started(instance)
    small.run(run_id, 5).take_back("build_marts")
    for folder in (
        small.home.work / "scratch" / "pos",
        small.home.landing / run_id,
        small.home.versions / ".20261001T000000000000Z-dead.tmp" / "parquet",
    ):
        folder.mkdir(parents=True)
    bury_dead_runs(small.home, instance)
    heal(small.home, small.settings)
    assert _status(instance, run_id) == "FAILURE"
    assert unfinished_records(small.home) == []
    assert small.journal.find_run(run_id).status == "killed"
    assert not small.home.work.exists()
    assert not (small.home.landing / run_id).exists()
    assert [path.name for path in small.home.versions.iterdir()] == [
        small.journal.find_run("first").version
    ]
    assert small.number_of(small.home.served) == 1


def test_a_run_that_the_home_healed_of_before_is_buried_too(
    small: SmallHome, instance: dg.DagsterInstance
) -> None:
    """A run of the UI heals the home, and looks at no other run of Dagster's."""
    run_id = _started(instance)
    small.run(run_id, 5).take_back("build_marts")
    heal(small.home, small.settings)
    assert small.journal.find_run(run_id).status == "killed"
    bury_dead_runs(small.home, instance)
    assert _status(instance, run_id) == "FAILURE"


def test_a_run_that_died_before_its_first_step_is_buried_by_its_tag(
    small: SmallHome, instance: dg.DagsterInstance
) -> None:
    run_id = _started(instance, **{LOCKED_TAG: "yes"})
    bury_dead_runs(small.home, instance)
    assert _status(instance, run_id) == "FAILURE"
    assert unfinished_records(small.home) == []


def test_a_run_of_the_ui_that_waits_for_the_lock_is_left_alone(
    small: SmallHome, instance: dg.DagsterInstance
) -> None:
    run_id = _started(instance)
    bury_dead_runs(small.home, instance)
    assert _status(instance, run_id) == "STARTED"


def test_a_run_that_ended_is_not_ended_again(
    small: SmallHome, instance: dg.DagsterInstance
) -> None:
    run = instance.create_run_for_job(_job, status=dg.DagsterRunStatus.SUCCESS)
    small.journal.start_run(run.run_id, "demo", utc_now())
    small.journal.finish_run(run.run_id, "published", version=f"{datetime(2026, 10, 1):%Y}")
    bury_dead_runs(small.home, instance)
    assert _status(instance, run.run_id) == "SUCCESS"
