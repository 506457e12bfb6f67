"""docs/dictionary/kpis.md: the KPIs with formula, unit and direction, from the list that rules."""

from __future__ import annotations

from dataclasses import replace

from orchestration.catalog.areas import AREAS
from orchestration.catalog.dictionary import NOTE, section
from orchestration.catalog.tables import Table
from orchestration.project import read_manifest
from plans.kpis import Kpi, all_kpis

_UNITS = {
    "amount": "amount",
    "count": "count",
    "share": "share",
    "per_thousand": "per thousand receipts",
    "minutes": "minutes",
    "points": "points",
}
_PERIODS = {
    "additive": "sum of the days",
    "ratio": "Σ numerator ÷ Σ denominator",
    "stock": "last day",
    "stock_rate": "last day",
    "month_rate": "last day, of a calendar month",
    "distinct_rate": "counted anew by `kpi_scorecard`",
    "median": "median of the period's tickets, by `kpi_scorecard`",
}
_HEAD = f"""# KPIs and targets

{NOTE}

The headline figures of [`kpi_daily`](#kpi_daily): what each is on a day, how a period's value is
made of days, and the metric by which [the metrics layer](../metrics-layer.md) answers it. The list
that rules is `dbt_project/seeds/kpi_definitions.csv`; what stands behind the definitions:
[KPIs](../metrics/kpis.md).

| kpi | value of a day | unit | better | of a period | of stores | metric |
|---|---|---|---|---|---|---|
"""


def page(tables: dict[str, Table]) -> str:
    """The list of definitions, then the tables of KPIs and targets."""
    metrics = _metrics()
    rows = [_row(kpi, metrics.get(kpi.name)) for kpi in all_kpis().values()]
    area = next(area for area in AREAS if area.name == "kpis")
    sections = [section(_without_list(tables[name]), area.page_of(name)) for name in area.tables]
    return _HEAD + "\n".join([*rows, "", *sections])


def _without_list(table: Table) -> Table:
    """The table without the list of KPIs in its description, which stands above."""
    kept = [line for line in table.description.splitlines() if not line.startswith("|")]
    return replace(table, description="\n".join(kept))


def _row(kpi: Kpi, metric: str | None) -> str:
    cells = [
        f"`{kpi.name}`",
        kpi.description,
        _UNITS[kpi.unit],
        kpi.direction,
        _PERIODS[kpi.kind],
        "yes" if kpi.of_stores else "",
        f"`{metric}`" if metric else "",
    ]
    return "| " + " | ".join(cells) + " |"


def _metrics() -> dict[str, str]:
    """Metric of the semantic layer by the KPI that it equals."""
    metrics = read_manifest()["metrics"].values()
    return {
        metric["config"]["meta"]["kpi"]: metric["name"]
        for metric in metrics
        if "kpi" in metric["config"]["meta"]
    }
