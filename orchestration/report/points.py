"""KPIs of one day as one published file tells them, for the company and for each store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from orchestration.report.sources import Sources
from orchestration.report.splits import Pair


@dataclass(frozen=True)
class Side:
    """One side of a comparison: numerators and denominators by KPI, and by KPI and store.

    `file` is the published file they come from, `now` or `before`; names are those of its stores.
    """

    file: str
    day: date
    company: dict[str, Pair]
    stores: dict[str, dict[str, Pair]]
    names: dict[str, str]

    def value(self, kpi: str) -> Fraction | None:
        """The KPI of the company, before rounding; None where it has none on that day."""
        above, below = self.company.get(kpi, (Fraction(0), Fraction(0)))
        return above / below if below else None


def load_side(sources: Sources, file: str, day: date, kpis: Sequence[str]) -> Side:
    """Read the KPIs of a day."""
    rows = sources.query(
        "select kpi, scope_type, scope_key, numerator, denominator "
        f"from {file}.marts.kpi_daily where kpi in ({_listed(kpis)}) "
        f"and business_date = date '{day}' and numerator is not null and denominator is not null"
    )
    company: dict[str, Pair] = {}
    stores: dict[str, dict[str, Pair]] = {}
    for kpi, scope, key, above, below in rows:
        pair = Fraction(above), Fraction(below)
        if scope == "all":
            company[kpi] = pair
        else:
            stores.setdefault(kpi, {})[key] = pair
    names = sources.query(
        f"select store_id, coalesce(store_name, store_id) from {file}.marts.dim_store"
    )
    return Side(file, day, company, stores, dict(names))


def load_trends(
    sources: Sources, days: int, kpis: Sequence[str]
) -> dict[str, tuple[float | None, ...]]:
    """Values of the company on the last days up to the as-of date, oldest first, by KPI."""
    until = sources.as_of
    first = until - timedelta(days=days - 1)
    rows = sources.query(
        "select kpi, business_date, value from now.marts.kpi_daily where scope_type = 'all' "
        f"and kpi in ({_listed(kpis)}) and business_date between date '{first}' and date '{until}'"
    )
    found = {(kpi, day): value for kpi, day, value in rows}
    dates = [first + timedelta(days=n) for n in range(days)]
    return {kpi: tuple(found.get((kpi, day)) for day in dates) for kpi in kpis}


def _listed(kpis: Sequence[str]) -> str:
    return ", ".join(f"'{kpi}'" for kpi in kpis)
