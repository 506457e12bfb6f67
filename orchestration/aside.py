"""dbt on a warehouse made for the purpose, beside the current one and beside a run's copy."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from orchestration.project import PROJECT_DIR


def invoke(
    manifest: Any,
    warehouse: Path,
    command: Sequence[str],
    variables: Mapping[str, Any],
    *,
    tests: bool = False,
) -> Any:
    """The result of a command of dbt on the models of a parsed project, and on `tests` if asked.

    What dbt writes goes beside the warehouse.
    """
    from dbt.cli.main import dbtRunner

    folder = str(warehouse.parent / "dbt")
    arguments = [*command, "--quiet", "--no-write-json", "--vars", json.dumps(variables)]
    arguments += ["--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)]
    arguments += ["--target-path", folder, "--log-path", folder]
    try:
        with _environment("TOKUI_WAREHOUSE", str(warehouse)), events_for_people():
            return dbtRunner(manifest=_part(manifest, tests)).invoke(arguments)
    finally:
        close_connections()


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


def close_connections() -> None:
    """dbt keeps the warehouse open in this process; the next step could not write."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def _part(manifest: Any, tests: bool) -> Any:
    """Without unit tests, which need no warehouse, and unless asked for without tests on data."""
    part = copy.copy(manifest)
    part.unit_tests = {}
    part.nodes = {
        name: node
        for name, node in manifest.nodes.items()
        if tests or str(node.resource_type) != "test"
    }
    return part


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
