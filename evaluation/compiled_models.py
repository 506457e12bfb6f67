"""Models' own SQL, compiled by dbt, as statements for one DuckDB process; and what a call costs."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

_PROJECT = Path(__file__).resolve().parent.parent / "dbt_project"
_COMPILE = """
import sys
from dbt.cli.main import dbtRunner
from orchestration.project import load_parsed
sys.exit(not dbtRunner(manifest=load_parsed()).invoke(sys.argv[1:]).success)
"""
"""dbt in a process of its own, which need not parse the project."""


@dataclass(frozen=True)
class Cost:
    """What a measured call took: CPU seconds (all threads), and the process's peak in MiB."""

    cpu_seconds: float
    wall_seconds: float
    peak_mib: float


@dataclass(frozen=True)
class Model:
    """A model of the project: the statement that builds it, and where it belongs.

    `folder` is that of its file below `models/`, `schema` the layer.
    """

    name: str
    schema: str
    folder: str
    statement: str


def compiled(
    warehouse: Path,
    select: Iterable[str],
    variables: dict[str, Any],
    given: Iterable[str] = (),
    *,
    full_refresh: bool = False,
) -> list[str]:
    """Statements of `compiled_models`, which explains the arguments."""
    found = compiled_models(warehouse, select, variables, given, full_refresh=full_refresh)
    return [model.statement for model in found]


def compiled_models(
    warehouse: Path,
    select: Iterable[str],
    variables: dict[str, Any],
    given: Iterable[str] = (),
    *,
    full_refresh: bool = False,
) -> list[Model]:
    """The selected models with the statements that build them, each after those it reads.

    Args:
        warehouse: a file `warehouse.duckdb`, whose stem is the catalog in the statements.
        select: models as dbt selects them.
        variables: those of dbt, which override the project's.
        given: names of models among them that are not built, because their tables are there.
        full_refresh: as with dbt's flag, nothing that an earlier run kept is used.

    Raises:
        RuntimeError: the project does not compile.
    """
    with TemporaryDirectory() as target:
        command = [sys.executable, "-c", _COMPILE, "--quiet", "compile"]
        command += [
            "--select",
            *select,
            "--vars",
            json.dumps(variables | {"full_refresh": full_refresh}),
        ]
        command += ["--project-dir", str(_PROJECT), "--profiles-dir", str(_PROJECT)]
        command += ["--target-path", target, "--log-path", target]
        dbt = subprocess.run(
            command,
            cwd=_PROJECT.parent,
            env=os.environ | {"TOKUI_WAREHOUSE": str(warehouse), "DO_NOT_TRACK": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if dbt.returncode:
            raise RuntimeError(f"the models do not compile:\n{dbt.stdout}{dbt.stderr}")
        manifest = json.loads((Path(target) / "manifest.json").read_text(encoding="utf-8"))
        files = {
            name: Path(target) / "compiled" / node["package_name"] / node["original_file_path"]
            for name, node in manifest["nodes"].items()
            if node["resource_type"] == "model" and node["name"] not in set(given)
        }
        built = {name: manifest["nodes"][name] for name, file in files.items() if file.is_file()}
        return [
            _model(node, files[node["unique_id"]].read_text(encoding="utf-8"))
            for node in _in_order(built)
        ]


def _model(node: dict[str, Any], sql: str) -> Model:
    kind = "view" if node["config"]["materialized"] == "view" else "table"
    return Model(
        name=node["name"],
        schema=node["schema"],
        folder=Path(node["original_file_path"]).parent.relative_to("models").as_posix(),
        statement=f"create or replace {kind} {node['relation_name']} as {sql}",
    )


def measure(function: Any, *arguments: Any) -> tuple[Any, Cost]:
    """Call a function of a module in a fresh process; its answer and what it cost.

    A process of its own, so that the peak is the call's and nothing is warm.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measured, function, arguments).result()


def _measured(function: Any, arguments: tuple[Any, ...]) -> tuple[Any, Cost]:
    before, started = time.process_time(), time.monotonic()
    answer = function(*arguments)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    cost = Cost(
        cpu_seconds=time.process_time() - before,
        wall_seconds=time.monotonic() - started,
        peak_mib=usage.ru_maxrss / 1024,
    )
    return answer, cost


def _in_order(waiting: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The models, each after those among them that it reads."""
    ordered: list[dict[str, Any]] = []
    while waiting:
        ready = [n for n in waiting if not waiting.keys() & set(waiting[n]["depends_on"]["nodes"])]
        ordered += [waiting.pop(name) for name in sorted(ready)]
    return ordered
