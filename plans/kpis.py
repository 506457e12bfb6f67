"""The KPIs that a target may be set for: the seed of the models, read as a CSV file.

dbt reads the same file, so a KPI that is added there can be planned at once.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DEFINITIONS = Path(__file__).resolve().parent.parent / "dbt_project/seeds/kpi_definitions.csv"
STOCKS = ("stock", "stock_rate")
"""Kinds of KPIs that stand at a value on a day, so that a period may begin from it."""


@dataclass(frozen=True)
class Kpi:
    """A line of the seed; its documentation stands in `_kpis_seeds.yml`."""

    name: str
    subject: str
    kind: str
    direction: str
    unit: str
    of_stores: bool
    settles: bool
    never_falls: bool
    description: str


@cache
def all_kpis() -> dict[str, Kpi]:
    """Every KPI by name, in the order of the seed."""
    with DEFINITIONS.open(encoding="utf-8", newline="") as stream:
        return {line["kpi"]: _kpi(line) for line in csv.DictReader(stream)}


def check_target(line: dict[str, object]) -> str:
    """What is wrong with a line of kpi_targets, and what to write instead; nothing if it is right.

    The line is right column by column already.
    """
    known = all_kpis()
    kpi = known.get(str(line["kpi"]))
    if kpi is None:
        return f'there is no kpi "{line["kpi"]}"; write one of {", ".join(known)}'
    if line["period_end"] < line["period_start"]:
        return "period_end lies before period_start"
    return _check_scope(line, kpi) or _check_basis(line, kpi)


def _check_scope(line: dict[str, object], kpi: Kpi) -> str:
    if line["scope_type"] == "all":
        if line["scope_key"] != "all":
            return 'scope_key of scope_type "all" is "all"; for a store, write scope_type "store"'
        return ""
    if line["scope_key"] == "all":
        return 'scope_type "store" needs the store\'s id as scope_key'
    if not kpi.of_stores:
        of_stores = ", ".join(k.name for k in all_kpis().values() if k.of_stores)
        return (
            f"{kpi.name} is a KPI of the company alone: leave scope_type and scope_key empty, or "
            f"take one of {of_stores}"
        )
    return ""


def _check_basis(line: dict[str, object], kpi: Kpi) -> str:
    if line["basis"] == "delta_from_start" and kpi.kind not in STOCKS:
        stocks = ", ".join(k.name for k in all_kpis().values() if k.kind in STOCKS)
        return (
            f"{kpi.name} has no value to start from, as it begins anew with each period: take "
            f"basis absolute, yoy_abs or yoy_pct. delta_from_start is for {stocks}"
        )
    if kpi.kind == "month_rate" and not _is_month(line["period_start"], line["period_end"]):
        return (
            f"{kpi.name} is a rate of a calendar month: period_start must be the first day of a "
            "month and period_end its last. Write a line a month"
        )
    if kpi.unit == "share" and line["basis"] != "yoy_pct" and abs(line["target"]) > 1:
        return (
            f"{kpi.name} is a share: write 0.5 for 50 %. A target of {line['target']} can never be "
            "reached"
        )
    return ""


def _is_month(start: dt.date, end: dt.date) -> bool:
    next_start = (start.replace(day=1) + dt.timedelta(days=31)).replace(day=1)
    return start.day == 1 and end == next_start - dt.timedelta(days=1)


def _kpi(line: dict[str, str]) -> Kpi:
    flags = {name: line[name] == "true" for name in ("of_stores", "settles", "never_falls")}
    texts = {n: line[n] for n in ("subject", "kind", "direction", "unit", "description")}
    return Kpi(name=line["kpi"], **texts, **flags)
