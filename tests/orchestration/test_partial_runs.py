"""What a person selects in the UI: part of the graph never publishes, a failed run is resumed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

from orchestration import run as runs
from orchestration.instance import use_instance
from orchestration.lock import RunLock
from orchestration.quick_records import quick_instance
from tests.conftest import Retailer, own_environment
from tests.orchestration.jobs import nightly_refresh

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@contextmanager
def used(retailer: Retailer) -> Iterator[Retailer]:
    """Within the block the retailer's runs are started as the UI starts them."""
    retailer.use()
    RunLock.acquire(retailer.home.lock)
    use_instance(retailer.home)
    try:
        with quick_instance():
            yield retailer
    finally:
        RunLock.release(retailer.home.lock)


@pytest.fixture
def ui(demo: Retailer) -> Iterator[Retailer]:
    """A published retailer, used from the UI."""
    with used(demo):
        yield demo


@pytest.fixture(scope="module")
def stopped(
    published_demo: Retailer, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Retailer, str]:
    """A retailer whose last run was stopped by an empty file, and the id of that run."""
    retailer = published_demo.copy_to(tmp_path_factory.mktemp("stopped") / "retailer")
    new = retailer.feeds / "email" / "subscribers_20261002.csv"
    new.write_text("subscriber_id,status,updated_at\nE99,subscribed,2026-09-30T00:00:00Z\n")
    _refused_file(retailer).write_text("")
    with own_environment(), used(retailer), dg.DagsterInstance.get() as instance:
        failed = dg.execute_job(
            dg.reconstructable(nightly_refresh), instance=instance, run_config=QUIET
        )
    assert not failed.success
    return retailer, failed.run_id


@pytest.fixture
def resumed(stopped: tuple[Retailer, str], tmp_path: Path) -> Iterator[tuple[Retailer, str]]:
    """A copy of that retailer, used from the UI, with the id of the run to be resumed."""
    retailer, run_id = stopped
    with used(retailer.copy_to(tmp_path / "resumed")) as copy:
        yield copy, run_id


def _materialize(selection: dg.AssetSelection) -> dg.ExecuteInProcessResult:
    """As the UI does with chosen assets: the implicit job, restricted to them."""
    from orchestration.definitions import defs

    keys = selection.resolve(defs.resolve_asset_graph())
    job = defs.resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.get() as instance:
        return job.execute_in_process(
            instance=instance,
            asset_selection=list(keys),
            run_config=QUIET,
            raise_on_error=False,
        )


def test_one_mart_alone_never_publishes(ui: Retailer) -> None:
    version, current = ui.version(), ui.home.current.stat().st_mtime_ns
    result = _materialize(dg.AssetSelection.assets(["marts", "dim_store"]))
    assert result.success
    assert (ui.version(), ui.home.current.stat().st_mtime_ns) == (version, current)
    runs.close(runs.going(ui.home, _settings()))
    assert ui.status() == "partial"


def test_publication_alone_refuses_and_says_what_to_run(ui: Retailer) -> None:
    version = ui.version()
    result = _materialize(dg.AssetSelection.assets(["published", "crm"]))
    assert not result.success
    assert ui.version() == version
    assert "Run the job nightly_refresh" in ui.message()


def test_marts_and_publication_without_their_gates_refuse(ui: Retailer) -> None:
    version = ui.version()
    result = _materialize(
        dg.AssetSelection.groups("marts") | dg.AssetSelection.assets(["published", "crm"])
    )
    assert not result.success
    assert ui.version() == version


def test_re_execution_goes_on_in_the_failed_copy(resumed: tuple[Retailer, str]) -> None:
    """A night stopped by a refused file: with the file gone, the rest of the run publishes."""
    retailer, run_id = resumed
    _refused_file(retailer).unlink()
    version = retailer.version()
    assert _resume(run_id).success
    assert retailer.version() != version
    assert retailer.published("select count(*) from marts.dim_customer")[0][0] == 40


def test_re_execution_refuses_when_the_copy_is_gone(resumed: tuple[Retailer, str]) -> None:
    retailer, run_id = resumed
    runs.close(runs.going(retailer.home, _settings()))
    for folder in retailer.home.runs.iterdir():
        folder.rename(retailer.root / "gone")
    again = _resume(run_id)
    assert not again.success
    assert "left no copy of the warehouse" in _first_message(again)


def _refused_file(retailer: Retailer) -> Path:
    return retailer.feeds / "support" / "tickets_20261002.csv"


def _resume(run_id: str) -> dg.ExecuteJobResult:
    """As the UI's 'from failure': what did not succeed, in a new run with a parent."""
    with dg.DagsterInstance.get() as instance:
        options = dg.ReexecutionOptions.from_failure(run_id, instance)
        return dg.execute_job(
            dg.reconstructable(nightly_refresh), instance=instance, reexecution_options=options
        )


def _first_message(result: dg.ExecuteJobResult) -> str:
    event = next(event for event in result.all_events if event.is_step_failure)
    return str(event.step_failure_data.error)


def _settings():
    from orchestration import home as homes

    return homes.load()[1]
