"""The floor: RFM and the core of customer 360 as a good engineer writes them by hand, from raw.

It measures our SQL itself. The people are given to both: identity has no hand-written rival. What
our models do beyond it (RFM of every week of two years, tax to the yen, corrections) is their cost.

`python -m benchmarks.floor FOLDER` runs it on the warehouse that the bare script left there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from benchmarks import bare

COSTS = "floor.json"
_FOLDER = Path(__file__).resolve().parent
_GIVEN = frozenset({"int_customer_identity", "int_customers", "dim_customer"})
"""Of people, whom both sides find there."""
COMPARED = {
    "rfm": ("customer_rfm",),
    "customer_360": (
        "customer_rfm",
        "fct_sales_receipt",
        "fct_sales_line",
        "email_engagement",
        "int_customer_support",
        "customer_360",
    ),
}
"""By file, the models that say what it says, with what they read. `customer_360` itself is the
join of many more blocks, of which only its own statement is counted."""


def run(folder: Path) -> dict[str, float]:
    """CPU seconds of each file on the bare script's warehouse; the second builds on the first."""
    import duckdb

    as_of = json.loads((folder / bare.SCRIPT).read_text(encoding="utf-8"))["as_of"]
    costs = {}
    with duckdb.connect(
        str(folder / bare.WAREHOUSE), config=bare.engine(folder / bare.WAREHOUSE)
    ) as connection:
        bare.prepare(connection)
        for name in COMPARED:
            sql = (_FOLDER / f"{name}.sql").read_text(encoding="utf-8").replace("{as_of}", as_of)
            before = time.process_time()
            connection.execute(sql)
            costs[name] = time.process_time() - before
    costs["customer_360"] += costs["rfm"]
    (folder / COSTS).write_text(json.dumps(costs), encoding="utf-8")
    return costs


def compare(folder: Path) -> dict[str, dict[str, float]]:
    """By file, CPU seconds by hand and of the models, once both were run in the folder."""
    from orchestration.project import read_manifest

    steps = json.loads((folder / bare.COSTS).read_text(encoding="utf-8"))
    by_hand = json.loads((folder / COSTS).read_text(encoding="utf-8"))
    models = of_our_models(steps, read_manifest()["nodes"])
    return {name: {"by_hand": by_hand[name], "models": models[name]} for name in COMPARED}


def of_our_models(steps: list[dict[str, Any]], nodes: Mapping[str, Any]) -> dict[str, float]:
    """CPU seconds of the models that say the same, by file.

    Args:
        steps: what `benchmarks.bare` measured.
        nodes: of dbt's manifest.
    """
    seconds = {step["name"]: step["cpu"] for step in steps if step["layer"] in bare.LAYERS}
    return {
        name: sum(seconds[model] for model in upstream(models, nodes))
        for name, models in COMPARED.items()
    }


def upstream(models: Collection[str], nodes: Mapping[str, Any]) -> set[str]:
    """Names of models and of all that they read, people left out.

    Of `customer_360` its own statement alone counts: the floor has few of the blocks it joins.
    """
    by_name = {n["name"]: n for n in nodes.values() if n["resource_type"] == "model"}
    found: set[str] = set()
    waiting = list(models)
    while waiting:
        name = waiting.pop()
        if name in found or name in _GIVEN or name not in by_name:
            continue
        found.add(name)
        if name != "customer_360":
            waiting += [one.split(".")[-1] for one in by_name[name]["depends_on"]["nodes"]]
    return found
