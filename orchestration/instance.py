"""Dagster's own records of a warehouse: where they lie, and what a killed run left in them."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.home import Home
from orchestration.journal import Journal

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun

SETTINGS = Path(__file__).parent / "dagster.yaml"
LOCKED_TAG = "tokui/holds_lock"
"""On runs of the command, which holds the run lock already and speaks for them."""


def use_instance(home: Home) -> None:
    """Point Dagster at its folder below the warehouse's, with our settings."""
    home.dagster.mkdir(parents=True, exist_ok=True)
    target = home.dagster / "dagster.yaml"
    if not target.exists() or not filecmp.cmp(SETTINGS, target, shallow=False):
        # Replaced whole: a daemon may be reading it.
        shutil.copyfile(SETTINGS, target.with_suffix(".tmp"))
        os.replace(target.with_suffix(".tmp"), target)
    os.environ["DAGSTER_HOME"] = str(home.dagster)


def bury_dead_runs(home: Home, instance: DagsterInstance) -> None:
    """End in Dagster's records the runs that were killed. Needs the run lock.

    A killed run keeps its place in the pool of steps, and every later run would wait for it
    without end. Who holds the lock knows that no other run is within a step; one that has its place
    and waits for the lock does not need it either. Dead is every unfinished run that took the lock
    before: those of `tokui refresh` say so by their tag, those of the UI stand in the journal.
    """
    storage = instance.event_log_storage
    for run_id in storage.get_concurrency_run_ids():
        storage.free_concurrency_slots_for_run(run_id)
    journal = Journal(home.journal)
    for run in _unfinished(instance):
        if LOCKED_TAG in run.tags or journal.find_run(run.run_id) is not None:
            instance.report_run_failed(run, "The process ended without a word.")


def unfinished_records(home: Home) -> list[str]:
    """What Dagster takes for going on a home: runs, and places in the pool. Empty between runs."""
    from dagster import DagsterInstance

    use_instance(home)
    with DagsterInstance.get() as instance:
        found = [f"Dagster takes run {run.run_id[:8]} for going" for run in _unfinished(instance)]
        holders = instance.event_log_storage.get_concurrency_run_ids()
        return found + [f"run {run_id[:8]} has a place in Dagster's pool" for run_id in holders]


def _unfinished(instance: DagsterInstance) -> Sequence[DagsterRun]:
    from dagster import DagsterRunStatus, RunsFilter

    going = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
    return instance.get_runs(RunsFilter(statuses=going))
