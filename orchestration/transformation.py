"""dbt in this process: one layer of the project built on a run's copy of the warehouse.

dagster-dbt starts a process a call and asks for dbt's version each time; one call in the process
that is there costs a tenth of that. What dbt says goes to `dbt.log` in the run's folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from orchestration import keys, selection
from orchestration.project import PROJECT_DIR, load_parsed
from orchestration.run import Run, StoppedError


@dataclass(frozen=True)
class NodeResult:
    """What dbt did with one model, seed or test. `failures` counts the rows a test found."""

    unique_id: str
    name: str
    resource_type: str
    status: str
    message: str
    failures: int
    seconds: float

    @property
    def is_bad(self) -> bool:
        return self.status in ("error", "fail", "runtime error")


def build(run: Run, chosen: Collection[str]) -> list[NodeResult]:
    """Build models and seeds with their data tests, in the order of their dependencies.

    Args:
        chosen: unique ids of dbt's nodes.

    Raises:
        StoppedError: a test on data failed.
        RuntimeError: a model could not be built.
    """
    from dbt.cli.main import dbtRunner

    os.environ["TOKUI_WAREHOUSE"] = str(run.warehouse)
    folder = run.home.work / "dbt"
    manifest = parsed_project()
    arguments = [
        "build",
        "--no-write-json",
        "--log-level",
        "none",
        "--log-level-file",
        "none",
        "--project-dir",
        str(PROJECT_DIR),
        "--profiles-dir",
        str(PROJECT_DIR),
        "--target-path",
        str(folder),
        "--indirect-selection",
        "empty",
        "--vars",
        json.dumps(variables(run)),
        "--select",
        f"tag:{selection.TAG}",
    ]
    if run.full:
        arguments.append("--full-refresh")
    try:
        with _log(folder) as callbacks:
            part = selection.cut(manifest, chosen)
            result = dbtRunner(manifest=part, callbacks=callbacks).invoke(arguments)
    finally:
        close_connections()
    if result.exception is not None:
        raise RuntimeError(f"dbt could not run: {result.exception}")
    results = [_node_result(one) for one in result.result.results]
    results += _check_keys(run, selection.key_tests(manifest, _built(results)))
    _raise_if_bad(run, results)
    return results


def _built(results: list[NodeResult]) -> set[str]:
    return {result.unique_id for result in results if result.status == "success"}


def _check_keys(run: Run, tests: Sequence[Any]) -> list[NodeResult]:
    """Results of the tests of keys, as though dbt had run them."""
    return [
        NodeResult(
            unique_id=test.unique_id,
            name=test.name,
            resource_type="test",
            status="fail" if broken else "pass",
            message=f"{broken} keys stand twice or are empty" if broken else "",
            failures=broken,
            seconds=0.0,
        )
        for test, broken in zip(tests, keys.count_broken(run.warehouse, tests), strict=True)
    ]


def variables(run: Run) -> dict[str, Any]:
    """The variables that every model may use."""
    company, identity = run.settings.company, run.settings.identity
    assert run.as_of is not None
    return {
        **vars(run.settings.metrics),
        "as_of_date": run.as_of.isoformat(),
        "company_timezone": company.timezone,
        "company_currency": company.currency,
        "points_as": company.points_as,
        "tax_rounding": company.tax_rounding,
        "identity_rules_off": list(identity.rules_off),
        "identity_max_records_per_key": identity.max_records_per_key,
        "identity_max_component_records": identity.max_component_records,
        "identity_never_merge_member_ids": identity.never_merge_member_ids,
        "identity_matcher": identity.matcher,
        "identity_full": run.full,
    }


@contextmanager
def _log(folder: Path) -> Iterator[list[Callable[[Any], None]]]:
    """Callbacks that keep what dbt says in the run's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "dbt.log").open("a", encoding="utf-8") as stream:

        def keep(event: Any) -> None:
            stream.write(f"{event.info.level}: {event.info.msg}\n")

        with events_for_people():
            yield [keep]


@contextmanager
def events_for_people() -> Iterator[None]:
    """Within the block dbt keeps the events of its debug level to itself: it formats every one
    before it drops it, a sixth of its time."""
    from dbt_common.events import event_manager_client as client

    before = client.get_event_manager()
    client.ctx_set_event_manager(_hub_for_people())
    try:
        yield
    finally:
        client.ctx_set_event_manager(before)


def _hub_for_people() -> Any:
    """dbt's hub of events, deaf to those of the debug level."""
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager import EventManager

    class Hub(EventManager):
        def fire_event(
            self, e: BaseEvent, level: EventLevel | None = None, *more: Any, **options: Any
        ) -> None:
            if (level or e.level_tag()) != EventLevel.DEBUG:
                super().fire_event(e, level, *more, **options)

    return Hub()


@cache
def parsed_project() -> Any:
    """The parsed project, read once a process."""
    return load_parsed()


def close_connections() -> None:
    """dbt keeps the warehouse open in this process; the next step could not write."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def _node_result(one: Any) -> NodeResult:
    return NodeResult(
        unique_id=one.node.unique_id,
        name=one.node.name,
        resource_type=str(one.node.resource_type),
        status=str(one.status),
        message=str(one.message or ""),
        failures=int(one.failures or 0),
        seconds=float(one.execution_time or 0.0),
    )


def _raise_if_bad(run: Run, results: list[NodeResult]) -> None:
    bad = [result for result in results if result.is_bad]
    if not bad:
        return
    lines = "\n".join(f"  {result.name}: {result.message}" for result in bad)
    advice = f"Look into it with `tokui inspect {run.run_id[:8]}`."
    tests = sum(result.resource_type.endswith("test") for result in bad)
    if tests:
        # A model may fail for what the test found: the data comes first.
        raise StoppedError(f"{tests} test(s) on data failed:\n{lines}\n{advice}")
    raise RuntimeError(f"{len(bad)} model(s) could not be built:\n{lines}\n{advice}")
