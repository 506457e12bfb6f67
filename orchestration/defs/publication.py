"""The publication asset: the end of the lineage, what BI reads."""

from collections.abc import Iterator
from datetime import UTC, date
from zoneinfo import ZoneInfo

import dagster as dg

from orchestration.defs.freshness import publication_freshness
from orchestration.defs.resources import POOL, Warehouse
from orchestration.defs.transformation import MANIFEST
from orchestration.figures import figures_of
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


_KPIS_TABLE = "marts.kpi_daily"
_KPIS = ("net_sales", "receipts", "active_customers_90d", "members")
"""Of the as-of date, drawn over the nights where a person looks first."""


@dg.asset(
    key=["published", "crm"],
    deps=[dg.AssetKey(["marts", mart.name]) for mart in MARTS],
    group_name="published",
    description="Every mart, served as one version: crm.duckdb, Parquet and a manifest. A run for "
    "an older date writes beside it and is shown as an observation.",
    kinds={"duckdb", "parquet"},
    pool=POOL,
    output_required=False,
    freshness_policy=publication_freshness(),
)
def publish_crm(
    context: dg.AssetExecutionContext, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult]:
    """Publishes when every step and gate of this run is behind it; refuses otherwise."""
    with warehouse.step(context, "publish") as run:
        if not run.is_complete_before("publish"):
            raise RefusedError(
                "publication needs every gate of the same run. Run the job nightly_refresh, or "
                "materialize all assets."
            )
        checks, held = _checks(run), _held(run)
        figures = _figures(run)  # Publishing takes the copy away.
        outcome = publish(run, MARTS, checks, held)
        words = words_of(outcome)
        say(f"  {words}")
        run.journal.finish_run(
            run.run_id,
            "unchanged" if outcome.status == "unchanged" else "published",
            words,
            as_of=run.as_of,
            version=outcome.version,
        )
        metadata = _metadata(run, outcome) | _of_checks(checks, held)
    metadata |= {kpi: figures[kpi] for kpi in _KPIS if kpi in figures}
    if outcome.status == "as_of":
        # What is published is as old as before, and its figures are those of its own date.
        context.log_event(dg.AssetObservation(context.asset_key, metadata=metadata))
    else:
        yield dg.MaterializeResult(metadata=metadata)


def _figures(run: Run) -> dict[str, float]:
    assert run.as_of is not None
    with run.open(read_only=True) as connection:
        return figures_of(connection, [_KPIS_TABLE], run.as_of)[_KPIS_TABLE]


def _metadata(run: Run, outcome: Outcome) -> dict[str, str | float]:
    assert run.as_of is not None
    return {
        "version": outcome.version or "",
        "status": outcome.status,
        "as_of": run.as_of.isoformat(),
        "days_since_as_of": (_today(run) - run.as_of).days,
        "rows": sum(table["rows"] for table in outcome.tables.values()),
        "customers": outcome.tables["customer_360"]["rows"],
    }


def _of_checks(checks: dict[str, int], held: list[str]) -> dict[str, str | float]:
    return {f"checks_{name}": number for name, number in checks.items()} | {"feeds_held": len(held)}


def _today(run: Run) -> date:
    """The date of the run's clock where the company is."""
    zone = ZoneInfo(run.settings.company.timezone)
    return run.now.replace(tzinfo=UTC).astimezone(zone).date()


def words_of(outcome: Outcome) -> str:
    """What was done, and below it what a person must see to."""
    return "\n".join([_sentence(outcome), *outcome.notes])


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
