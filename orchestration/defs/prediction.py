"""Predictions: fitted between the intermediate models and the marts, small tables only."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg

from ingestion.engine import connect
from orchestration.defs.resources import POOL, Warehouse
from orchestration.figures import row_count, row_counts_now
from orchestration.run import say
from prediction.tables import TABLES

if TYPE_CHECKING:
    from prediction.ltv import Report

DESCRIPTIONS = {
    "clv_params": "One row a segment: parameters of purchases, drop-out and spend.",
    "clv_growth": "One row a segment, number of repeats, age and horizon: purchases if alive.",
    "sbg_params": "One row a length of memberships: parameters of their renewals.",
    "sbg_curve": "One row a length of memberships and term: who renews.",
    "model_backtest": "One row a segment and bucket: the last 180 days as told before.",
}
_READ = [
    dg.AssetKey(["intermediate", name])
    for name in ("int_purchase_days", "int_ltv_inputs", "int_membership_terms")
]


@dg.multi_asset(
    name="fit_ltv",
    specs=[
        dg.AssetSpec(
            dg.AssetKey(["prediction", name]),
            deps=_READ,
            group_name="prediction",
            description=DESCRIPTIONS[name],
            kinds={"scipy", "duckdb"},
        )
        for name in TABLES
    ],
    pool=POOL,
)
def fit_ltv(
    context: dg.AssetExecutionContext, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult]:
    """Fits the models of lifetime value; what cannot be fitted is a status, not a failure."""
    # SciPy takes half a second that a start does not have.
    from prediction import ltv

    with warehouse.step(context, "fit_ltv") as run:
        assert run.as_of is not None
        metrics = run.settings.metrics
        gate = ltv.Gate(metrics.ltv_min_customers, metrics.ltv_min_history_days)
        with connect(run.warehouse) as connection:
            report = ltv.fit_ltv(connection, run.as_of, gate)
            rows, metadata = row_counts_now(connection), _metadata(report)
        say(f"  prediction: {_sentence(report)}")
        for name in TABLES:
            yield dg.MaterializeResult(
                asset_key=dg.AssetKey(["prediction", name]),
                metadata=metadata | row_count(rows, f"prediction.{name}"),
            )


def _metadata(report: "Report") -> dict[str, str | float]:
    """What the fit came to; `actual_to_predicted` says how well the last one told this time."""
    found: dict[str, str | float] = {
        "status": report.status,
        "message": report.message,
        "customers": report.customers,
        "segments": report.segments,
    }
    if report.actual_to_predicted is not None:
        found["actual_to_predicted"] = report.actual_to_predicted
    return found


def _sentence(report: "Report") -> str:
    if not report.segments:
        return f"{report.status}: {report.message}"
    tested = report.actual_to_predicted
    test = "no backtest" if tested is None else f"backtest: {tested:.2f} of what was predicted"
    return f"{report.customers:,} customers in {report.segments} segments, {test}"


ASSETS = [fit_ltv]
