"""The Dagster project: three loads, one `dbt build`, checks; a process a step.

`USUAL_STACK_FEEDS` is the folder of the feeds, `USUAL_STACK_HOME` the one it writes to, where its
dbt project was put and parsed.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets

from benchmarks.usual_stack import TABLES
from benchmarks.usual_stack.feeds import load

FEEDS, HOME = Path(os.environ["USUAL_STACK_FEEDS"]), Path(os.environ["USUAL_STACK_HOME"])
WAREHOUSE = HOME / "usual.duckdb"
PROJECT = DbtProject(HOME / "dbt")
CHECKED = {
    "raw_pos.receipts": ["raw_pos", "receipts"],
    "raw_pos.receipt_lines": ["raw_pos", "receipt_lines"],
    "raw_pos.members": ["raw_pos", "members"],
    "raw_email.events": ["raw_email", "events"],
    "marts.fct_orders": ["fct_orders"],
    "marts.rfm": ["rfm"],
    "marts.customer_360": ["customer_360"],
}


def _load(feed: str) -> dg.AssetsDefinition:
    keys = [dg.AssetKey([f"raw_{feed}", name]) for name in TABLES[feed]]

    @dg.multi_asset(name=f"load_{feed}", specs=[dg.AssetSpec(key) for key in keys])
    def load_feed(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        context.log.info(load(feed, FEEDS / feed, WAREHOUSE))
        for key in keys:
            yield dg.MaterializeResult(asset_key=key)

    return load_feed


class Translator(DagsterDbtTranslator):
    """Sources are the assets that the loads make."""

    def get_asset_key(self, dbt_resource_props: Any) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return super().get_asset_key(dbt_resource_props)


@dbt_assets(manifest=PROJECT.manifest_path, dagster_dbt_translator=Translator())
def models(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
    """Builds and tests every model."""
    yield from dbt.cli(["build"], context=context).stream()


def _check(table: str, key: list[str]) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset=dg.AssetKey(key), name=f"gx_{key[-1]}", blocking=True)
    def checked() -> dg.AssetCheckResult:
        from benchmarks.usual_stack.checks import check

        passed, found = check(table, WAREHOUSE)
        return dg.AssetCheckResult(passed=passed, metadata={"found": found})

    return checked


defs = dg.Definitions(
    assets=[*(_load(feed) for feed in TABLES), models],
    asset_checks=[_check(table, key) for table, key in CHECKED.items()],
    jobs=[dg.define_asset_job("nightly")],
    resources={"dbt": DbtCliResource(project_dir=PROJECT)},
    executor=dg.multiprocess_executor.configured({"max_concurrent": 1}),
)
