"""What a person selects in the UI: part of the graph never publishes, a failed run is resumed."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest

from orchestration import run as runs
from orchestration.instance import use_instance
from orchestration.lock import RunLock
from tests.conftest import Retailer
from tests.orchestration.jobs import nightly_refresh


@pytest.fixture
def ui(demo: Retailer) -> Iterator[Retailer]:
    """A retailer whose runs are started as the UI starts them."""
    demo.use()
    RunLock.acquire(demo.home.lock)
    use_instance(demo.home)
    yield demo
    RunLock.release(demo.home.lock)


def _materialize(selection: dg.AssetSelection) -> dg.ExecuteInProcessResult:
    """As the UI does with chosen assets: the implicit job, restricted to them."""
    from orchestration.definitions import defs

    keys = selection.resolve(defs.resolve_asset_graph())
    job = defs.resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.get() as instance:
        return job.execute_in_process(
            instance=instance, asset_selection=list(keys), raise_on_error=False
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


def test_re_execution_goes_on_in_the_failed_copy(ui: Retailer) -> None:
    """A night stopped by a refused file: with the file gone, the rest of the run publishes."""
    new = ui.feeds / "email" / "subscribers_20261002.csv"
    new.write_text("subscriber_id,status,updated_at\nE99,subscribed,2026-09-30T00:00:00Z\n")
    empty = ui.feeds / "support" / "tickets_20261002.csv"
    empty.write_text("")
    failed = _run()
    assert not failed.success
    empty.unlink()
    version = ui.version()
    again = _resume(failed)
    assert again.success
    assert ui.version() != version
    assert ui.published("select count(*) from marts.dim_customer")[0][0] == 40


def test_re_execution_refuses_when_the_copy_is_gone(ui: Retailer) -> None:
    empty = ui.feeds / "support" / "tickets_20261002.csv"
    empty.write_text("")
    failed = _run()
    runs.close(runs.going(ui.home, _settings()))
    for folder in ui.home.runs.iterdir():
        folder.rename(ui.root / "gone")
    again = _resume(failed)
    assert not again.success
    assert "left no copy of the warehouse" in _first_message(again)


def _run() -> dg.ExecuteJobResult:
    with dg.DagsterInstance.get() as instance:
        return dg.execute_job(dg.reconstructable(nightly_refresh), instance=instance)


def _resume(failed: dg.ExecuteJobResult) -> dg.ExecuteJobResult:
    """As the UI's 'from failure': what did not succeed, in a new run with a parent."""
    with dg.DagsterInstance.get() as instance:
        options = dg.ReexecutionOptions.from_failure(failed.run_id, instance)
        return dg.execute_job(
            dg.reconstructable(nightly_refresh), instance=instance, reexecution_options=options
        )


def _first_message(result: dg.ExecuteJobResult) -> str:
    event = next(event for event in result.all_events if event.is_step_failure)
    return str(event.step_failure_data.error)


def _settings():
    from orchestration import home as homes

    return homes.load()[1]
