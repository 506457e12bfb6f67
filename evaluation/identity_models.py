"""The identity models' own SQL, compiled by dbt, run in one DuckDB process and nothing else."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from identity import ledger
from ingestion.engine import connect

_PROJECT = Path(__file__).resolve().parent.parent / "dbt_project"
_MODELS = "models/intermediate/identity/"
_GIVEN = "int_identity_unknown_ids"
"""Not built: it reads sales and mails, which a warehouse of people does not have."""

_AS_OF = "2026-09-30"


@dataclass(frozen=True)
class Cost:
    """What a measured call took: CPU seconds (all threads), and the process's peak in MiB."""

    cpu_seconds: float
    wall_seconds: float
    peak_mib: float


def compile_models(warehouse: Path, *, full: bool) -> list[str]:
    """Statements that build the models, in the order of their dependencies.

    Args:
        warehouse: a file `warehouse.duckdb`, whose stem is the catalog in the statements.
        full: work every record out again, instead of those that something new is known about.

    Raises:
        RuntimeError: the project does not compile.
    """
    variables = {"as_of_date": _AS_OF, "identity_full": full}
    with TemporaryDirectory() as target:
        command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "compile"]
        command += ["--select", f"path:{_MODELS}", "--vars", json.dumps(variables)]
        command += ["--project-dir", str(_PROJECT), "--profiles-dir", str(_PROJECT)]
        command += ["--target-path", target, "--log-path", target]
        dbt = subprocess.run(
            command,
            env=os.environ | {"TOKUI_WAREHOUSE": str(warehouse), "DO_NOT_TRACK": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if dbt.returncode:
            raise RuntimeError(f"the identity models do not compile:\n{dbt.stdout}{dbt.stderr}")
        manifest = json.loads((Path(target) / "manifest.json").read_text(encoding="utf-8"))
        return [
            f"create or replace table {node['relation_name']} as "
            + _compiled(Path(target), node).read_text(encoding="utf-8")
            for node in _in_order(manifest["nodes"])
        ]


def measure(function: Any, *arguments: Any) -> tuple[Any, Cost]:
    """Call a function of a module in a fresh process; its answer and what it cost.

    A process of its own, so that the peak is the call's and nothing is warm.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measured, function, arguments).result()


def run_models(warehouse: Path, statements: list[str]) -> None:
    """Build the models in a warehouse, and keep their result as the ledger's next state."""
    with connect(warehouse) as connection:
        connection.execute(f"set memory_limit = '{os.environ.get('TOKUI_MEMORY_LIMIT', '2GB')}'")
        for statement in statements:
            connection.execute(statement)
        ledger.keep(connection)


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


def _in_order(nodes: dict[str, Any]) -> list[dict[str, Any]]:
    """The identity models but for the given one, each after those it reads."""
    waiting = {
        name: node
        for name, node in nodes.items()
        if node["resource_type"] == "model"
        and node["original_file_path"].startswith(_MODELS)
        and node["name"] != _GIVEN
    }
    ordered: list[dict[str, Any]] = []
    while waiting:
        ready = [n for n in waiting if not waiting.keys() & set(waiting[n]["depends_on"]["nodes"])]
        ordered += [waiting.pop(name) for name in sorted(ready)]
    return ordered


def _compiled(target: Path, node: dict[str, Any]) -> Path:
    return target / "compiled" / node["package_name"] / node["original_file_path"]
