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
    manifest: Any, warehouse: Path, command: Sequence[str], variables: Mapping[str, str]
) -> Any:
    """The result of a command of dbt on the models of a parsed project, without their tests.

    What dbt writes goes beside the warehouse.
    """
    from dbt.cli.main import dbtRunner

    from orchestration.transformation import close_connections, events_for_people

    folder = str(warehouse.parent / "dbt")
    arguments = [*command, "--quiet", "--no-write-json", "--vars", json.dumps(variables)]
    arguments += ["--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)]
    arguments += ["--target-path", folder, "--log-path", folder]
    try:
        with _environment("TOKUI_WAREHOUSE", str(warehouse)), events_for_people():
            return dbtRunner(manifest=_without_tests(manifest)).invoke(arguments)
    finally:
        close_connections()


def _without_tests(manifest: Any) -> Any:
    part = copy.copy(manifest)
    part.unit_tests = {}
    part.nodes = {
        name: node for name, node in manifest.nodes.items() if str(node.resource_type) != "test"
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
