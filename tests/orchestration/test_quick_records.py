"""Dagster's records of a run are what they would be, in transactions whose number does not grow."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from orchestration.quick_records import quick_instance

KEYS = [dg.AssetKey(["marts", f"table_{number}"]) for number in range(6)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def commits() -> Iterator[Counter[str]]:
    """Commits by file."""
    counted: Counter[str] = Counter()

    def count(connection: Any) -> None:
        counted[Path(str(connection.engine.url.database)).name] += 1

    event.listen(Engine, "commit", count)
    yield counted
    event.remove(Engine, "commit", count)


def _job(keys: list[dg.AssetKey], between: Callable[[int], None]) -> dg.JobDefinition:
    """Assets in a chain that one step makes, and a step that checks each of them."""

    @dg.multi_asset(
        specs=[dg.AssetSpec(key, deps=keys[number - 1 : number]) for number, key in enumerate(keys)]
    )
    def build() -> Iterator[dg.MaterializeResult]:
        for number, key in enumerate(keys):
            between(number)
            yield dg.MaterializeResult(asset_key=key, metadata={"dagster/row_count": number})

    @dg.multi_asset_check(specs=[dg.AssetCheckSpec("good", asset=key) for key in keys])
    def judge() -> Iterator[dg.AssetCheckResult]:
        for key in keys:
            yield dg.AssetCheckResult(asset_key=key, check_name="good", passed=True)

    return dg.Definitions(
        assets=[build],
        asset_checks=[judge],
        jobs=[dg.define_asset_job("job", dg.AssetSelection.all())],
        executor=dg.in_process_executor,
    ).resolve_job_def("job")


def _run(
    instance: dg.DagsterInstance,
    keys: list[dg.AssetKey],
    between: Callable[[int], None] = lambda _: None,
) -> str:
    return (
        _job(keys, between)
        .execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
        .run_id
    )


def _told(instance: dg.DagsterInstance, run_id: str) -> list[tuple[str, str | None, str]]:
    """Kind, step and asset of every event of a run, in their order."""
    told = []
    for entry in instance.all_logs(run_id):
        known = entry.dagster_event
        asset = known.asset_key.to_user_string() if known and known.asset_key else ""
        told.append((str(known.event_type_value) if known else "", entry.step_key, asset))
    return told


def _kept(instance: dg.DagsterInstance) -> dict[str, tuple[object, object]]:
    """Metadata and data version of the last materialization of each asset."""
    kept = {}
    for key in KEYS:
        last = instance.get_latest_materialization_event(key)
        assert last is not None
        made = last.asset_materialization
        assert made is not None
        kept[key.to_user_string()] = (made.metadata, made.tags["dagster/data_version"])
    return kept


def _checks(instance: dg.DagsterInstance, keys: list[dg.AssetKey]) -> list[str]:
    names = [dg.AssetCheckKey(key, "good") for key in keys]
    found = instance.event_log_storage.get_latest_asset_check_execution_by_key(names)
    return [found[name].status.value for name in names]


def test_the_records_are_those_of_dagster_itself(folder: Path) -> None:
    with dg.DagsterInstance.get() as plain:
        run_id = _run(plain, KEYS)
        wanted = _told(plain, run_id), _checks(plain, KEYS), set(_kept(plain))
    with quick_instance() as quick:
        run_id = _run(quick, KEYS)
        assert (_told(quick, run_id), _checks(quick, KEYS), set(_kept(quick))) == wanted
        seen = _kept(quick)
    with dg.DagsterInstance.get() as plain:  # As the UI reads them.
        assert _told(plain, run_id) == wanted[0]
        assert _kept(plain) == seen
        run = plain.get_run_by_id(run_id)
        assert run is not None
        assert run.status is dg.DagsterRunStatus.SUCCESS


def test_more_assets_make_no_more_transactions(folder: Path, commits: Counter[str]) -> None:
    counted = []
    with quick_instance() as instance:
        _run(instance, KEYS[:2])  # Makes the files.
        for keys in (KEYS[:2], KEYS):
            commits.clear()
            _run(instance, keys)
            counted.append(commits["index.db"])
    assert counted[0] == counted[1]


def test_while_a_step_works_others_can_write(folder: Path) -> None:
    """The UI's daemon writes to the same file: no transaction stays open over the work."""
    index = folder / "history" / "runs" / "index.db"

    def write(number: int) -> None:
        if number == 0:
            with closing(sqlite3.connect(index, timeout=0)) as other:
                other.execute("create table others (a integer)")

    with quick_instance() as instance:
        run_id = _run(instance, KEYS, write)
        run = instance.get_run_by_id(run_id)
        assert run is not None
        assert run.status is dg.DagsterRunStatus.SUCCESS


def test_what_a_step_put_out_before_it_failed_is_kept(folder: Path) -> None:
    def fail(number: int) -> None:
        if number == 3:
            raise ValueError("no more")

    with quick_instance() as instance:
        run_id = _run(instance, KEYS, fail)
    with dg.DagsterInstance.get() as plain:
        told = _told(plain, run_id)
        run = plain.get_run_by_id(run_id)
        assert run is not None
        assert run.status is dg.DagsterRunStatus.FAILURE
    made = [asset for kind, _, asset in told if kind == "ASSET_MATERIALIZATION"]
    assert made == [key.to_user_string() for key in KEYS[:3]]
    assert ("STEP_FAILURE", "build", "") in told
