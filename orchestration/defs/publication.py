"""The publication asset: the end of the lineage, what BI reads."""

import dagster as dg

from orchestration.defs.resources import POOL, Warehouse
from orchestration.defs.transformation import MANIFEST
from orchestration.publication import Mart, Outcome, publish
from orchestration.run import RefusedError, Run, say

MARTS = sorted(
    (
        Mart(node["name"], node["config"]["meta"]["primary_key"])
        for node in MANIFEST["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    ),
    key=lambda mart: mart.name,
)


@dg.asset(
    key=["published", "crm"],
    deps=[dg.AssetKey(["marts", mart.name]) for mart in MARTS],
    group_name="published",
    description="Every mart, served as one version: crm.duckdb, Parquet and a manifest.",
    kinds={"duckdb"},
    pool=POOL,
)
def publish_crm(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult:
    """Publishes when every step and gate of this run is behind it; refuses otherwise."""
    with warehouse.step(context, "publish") as run:
        if not run.is_complete_before("publish"):
            raise RefusedError(
                "publication needs every gate of the same run. Run the job nightly_refresh, or "
                "materialize all assets."
            )
        outcome = publish(run, MARTS, _checks(run), _held(run))
        say(f"  {_sentence(outcome)}")
        run.journal.finish_run(
            run.run_id,
            "unchanged" if outcome.status == "unchanged" else "published",
            _sentence(outcome),
            as_of=run.as_of,
            version=outcome.version,
        )
    return dg.MaterializeResult(
        metadata={
            "version": outcome.version or "",
            "status": outcome.status,
            "as_of": str(run.as_of),
            "rows": sum(table["rows"] for table in outcome.tables.values()),
        }
    )


def _checks(run: Run) -> dict[str, int]:
    row = run.journal.query(
        "select count(*), count(*) filter (where passed), "
        "count(*) filter (where not passed and not accepted), count(*) filter (where accepted) "
        "from ops.check_results where run_id = ?",
        [run.run_id],
    )[0]
    return {"run": row[0], "passed": row[1], "warnings": row[2], "accepted": row[3]}


def _held(run: Run) -> list[str]:
    rows = run.journal.query(
        "select distinct feed from ops.held_files where run_id = ? order by feed", [run.run_id]
    )
    return [row[0] for row in rows]


def _sentence(outcome: Outcome) -> str:
    rows = sum(table["rows"] for table in outcome.tables.values())
    if outcome.status == "unchanged":
        return f"nothing changed: every digest equals version {outcome.version}"
    if outcome.status == "as_of":
        return f"an older date: written beside the head, {len(outcome.tables)} tables"
    return f"published {outcome.version}: {len(outcome.tables)} tables, {rows:,} rows"


ASSETS = [publish_crm]
