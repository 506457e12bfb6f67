"""Assets of dbt: one step a layer, because a gate holds only between steps.

They are made from dbt's manifest as dagster-dbt would make them, which a test compares; its import
alone, with dbt's, would cost a start two seconds.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
import duckdb

from baskets import state as basket_state
from identity import ledger as identity_ledger
from orchestration.acceptance import due_date
from orchestration.defs.resources import POOL, Warehouse
from orchestration.figures import figures_of, row_count, row_counts_now
from orchestration.project import read_manifest
from orchestration.run import Run, say
from orchestration.transformation import NodeResult, build

MANIFEST = read_manifest()
_NODES: Mapping[str, Mapping[str, Any]] = MANIFEST["nodes"]
_STORED_IN = {"dagster/storage_kind": "duckdb"}


def asset_key(node: Mapping[str, Any]) -> dg.AssetKey:
    """Schema and table, as everywhere; a node of the manifest is a model, a seed or a source."""
    return dg.AssetKey([node["schema"], node["name"]])


def table_spec(node: Mapping[str, Any]) -> dg.AssetSpec:
    """The asset of a model or seed. Columns and names of tables are added to all assets alike."""
    return dg.AssetSpec(
        asset_key(node),
        deps=[_dep(name) for name in node["depends_on"].get("nodes", ())],
        description=node["description"],
        group_name=node["schema"],
        kinds={"dbt", "duckdb"},
        code_version=hashlib.sha1(node["raw_code"].encode()).hexdigest()
        if node["raw_code"]
        else node["checksum"]["checksum"],
        metadata={"dagster_dbt/unique_id": node["unique_id"], **_STORED_IN},
        skippable=True,
    )


def _dep(unique_id: str) -> dg.AssetDep:
    if unique_id in _NODES:
        return dg.AssetDep(asset_key(_NODES[unique_id]))
    return dg.AssetDep(asset_key(MANIFEST["sources"][unique_id]), metadata=_STORED_IN)


def layer_assets(layer: str, schemas: Sequence[str]) -> dg.AssetsDefinition:
    """The step that builds a layer: its models as assets, dbt's tests inside the step.

    dbt's tests run and stop inside the step; the checks on assets are the gates' suites.
    """
    nodes = [node for node in _NODES.values() if _is_table(node) and node["schema"] in schemas]

    @dg.multi_asset(
        name=f"build_{layer}",
        specs=[table_spec(node) for node in nodes],
        can_subset=True,
        pool=POOL,
    )
    def build_layer(
        context: dg.AssetExecutionContext, warehouse: Warehouse
    ) -> Iterator[dg.MaterializeResult]:
        is_whole = not context.is_subset
        with warehouse.step(context, f"build_{layer}", is_whole=is_whole) as run:
            _set_as_of(run)
            # One connection: to open a warehouse reads the descriptions of all its tables.
            with run.open() as connection:
                results = build(run, connection, _selected(context))
                if layer == "intermediate" and is_whole:
                    identity_ledger.keep(connection)
                    basket_state.keep(connection, full=run.full)
                say(f"  {layer}: {_summary(results)}")
                events = list(_events(run, connection, results))
            yield from events

    return build_layer


def _set_as_of(run: Run) -> None:
    """The date to compute for, settled by the first layer that is built."""
    if run.as_of is None:
        run.as_of = due_date(run)
        run.save()
    say(f"  as of {run.as_of}")


def _selected(context: dg.AssetExecutionContext) -> set[str]:
    """Unique ids of the models and seeds that were chosen, of a layer or all of it."""
    return {
        unique_id
        for unique_id, node in _NODES.items()
        if _is_table(node) and asset_key(node) in context.selected_asset_keys
    }


def _is_table(node: Mapping[str, Any]) -> bool:
    return node["resource_type"] in ("model", "seed")


def _events(
    run: Run, connection: duckdb.DuckDBPyConnection, results: list[NodeResult]
) -> Iterator[dg.MaterializeResult]:
    assert run.as_of is not None
    rows = row_counts_now(connection)
    built = {
        asset_key(_NODES[result.unique_id]): result
        for result in results
        if result.resource_type != "test"
    }
    figures = figures_of(connection, [".".join(key.path) for key in built], run.as_of)
    for key, result in built.items():
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={
                "seconds": round(result.seconds, 3),
                **row_count(rows, ".".join(key.path)),
                **figures.get(".".join(key.path), {}),
            },
        )


def _summary(results: list[NodeResult]) -> str:
    models = sum(result.resource_type == "model" for result in results)
    tests = sum(result.resource_type == "test" for result in results)
    return f"{models} models, {tests} tests"


ASSETS = [
    layer_assets("staging", ["staging"]),
    layer_assets("intermediate", ["seeds", "intermediate"]),
    layer_assets("marts", ["marts"]),
]
