"""What people plan: CSV files of targets, segments, lists and hours, read anew by every run."""

from collections.abc import Iterator

import dagster as dg

from ingestion.engine import connect
from orchestration.defs.ingestion import LEDGER
from orchestration.defs.resources import POOL, Warehouse
from orchestration.run import say
from plans.load import load_plans
from plans.tables import PLANS


@dg.multi_asset(
    name="read_plans",
    specs=[
        dg.AssetSpec(
            dg.AssetKey(["plans", plan.name]),
            deps=LEDGER,
            group_name="plans",
            description=f"One row a line of the file. {plan.description}",
            kinds={"csv", "duckdb"},
        )
        for plan in PLANS.values()
    ],
    pool=POOL,
)
def read_plans(
    context: dg.AssetExecutionContext, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult]:
    """Checks the files and writes them to the warehouse."""
    with warehouse.step(context, "read_plans") as run:
        with connect(run.warehouse) as connection:
            lines = load_plans(connection, run.settings.plans)
        say("  plans: " + ", ".join(f"{count} {name}" for name, count in lines.items() if count))
        for name, count in lines.items():
            yield dg.MaterializeResult(
                asset_key=dg.AssetKey(["plans", name]), metadata={"dagster/row_count": count}
            )


ASSETS = [read_plans]
