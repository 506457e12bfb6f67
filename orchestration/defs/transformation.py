"""Assets of dbt: one step a layer, because a gate holds only between steps."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from baskets import state as basket_state
from identity import ledger as identity_ledger
from ingestion.engine import connect
from orchestration.acceptance import due_date
from orchestration.defs.resources import POOL, Warehouse
from orchestration.figures import figures_of, row_count, row_counts
from orchestration.project import read_manifest
from orchestration.run import Run, say
from orchestration.transformation import NodeResult, build

MANIFEST = read_manifest()


class Translator(DagsterDbtTranslator):
    """Asset key = schema and table, as everywhere; the group is the schema."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        return dg.AssetKey([_schema(dbt_resource_props), dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return _schema(dbt_resource_props)

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return dbt_resource_props.get("description", "")

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """None from here: columns and names of tables are added to all assets alike."""
        return {}


# dbt's tests run and stop inside the step; the checks on assets are the gates' suites.
TRANSLATOR = Translator(DagsterDbtTranslatorSettings(enable_asset_checks=False))


def layer_assets(layer: str, select: str) -> dg.AssetsDefinition:
    """The step that builds a layer: its models as assets, dbt's tests inside the step."""

    @dbt_assets(
        manifest=MANIFEST,
        select=select,
        name=f"build_{layer}",
        dagster_dbt_translator=TRANSLATOR,
        pool=POOL,
    )
    def build_layer(
        context: dg.AssetExecutionContext, warehouse: Warehouse
    ) -> Iterator[dg.MaterializeResult]:
        is_whole = not context.is_subset
        with warehouse.step(context, f"build_{layer}", is_whole=is_whole) as run:
            _set_as_of(run)
            results = build(run, _selected(context))
            if layer == "intermediate" and is_whole:
                with connect(run.warehouse) as connection:
                    identity_ledger.keep(connection)
                    basket_state.keep(connection, full=run.full)
            say(f"  {layer}: {_summary(results)}")
            yield from _events(run, results)

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
        for unique_id, node in MANIFEST["nodes"].items()
        if node["resource_type"] in ("model", "seed")
        and TRANSLATOR.get_asset_key(node) in context.selected_asset_keys
    }


def _events(run: Run, results: list[NodeResult]) -> Iterator[dg.MaterializeResult]:
    rows = row_counts(run)
    built = {
        TRANSLATOR.get_asset_key(MANIFEST["nodes"][result.unique_id]): result
        for result in results
        if result.resource_type in ("model", "seed")
    }
    figures = figures_of(run, [".".join(key.path) for key in built])
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
    warned = sum(result.status == "warn" for result in results)
    return f"{models} models, {tests} tests" + (f", {warned} warnings" if warned else "")


def _schema(props: Mapping[str, Any]) -> str:
    if props["resource_type"] == "source":
        return props["source_name"]
    return props["config"].get("schema") or props["schema"]


ASSETS = [
    layer_assets("staging", "fqn:tokui.staging"),
    layer_assets("intermediate", "resource_type:seed fqn:tokui.intermediate"),
    layer_assets("marts", "fqn:tokui.marts"),
]
