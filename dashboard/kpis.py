"""KPIs of a period, made of `kpi_daily` as docs/metrics/kpis.md allows for each kind."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.data import Row
from dashboard.view import View

_YEAR = timedelta(days=364)
"""A year before on the same weekdays."""


@dataclass(frozen=True)
class Kpi:
    """A KPI as the dashboard shows it; `kind` says how days become a period.

    A `month_rate` grows from the first day of a month to its last, so it is that of one day, and
    meets the same day of the month.
    """

    name: str
    unit: str
    kind: str = "sum"
    is_of_stores: bool = True


KPIS = (
    Kpi("net_sales", "amount"),
    Kpi("receipts", "count"),
    Kpi("aov", "amount", "ratio"),
    Kpi("items_per_receipt", "number", "ratio"),
    Kpi("new_customers", "count"),
    Kpi("identified_sales_rate", "share", "ratio"),
    Kpi("return_rate", "share", "ratio"),
    Kpi("discount_rate", "share", "ratio"),
    Kpi("members", "count", "last", is_of_stores=False),
    Kpi("active_customers_90d", "count", "last", is_of_stores=False),
    Kpi("F2_rate", "share", "last", is_of_stores=False),
    Kpi("churn_rate", "share", "month_rate", is_of_stores=False),
)

_OF_A_PERIOD = """
select kpi, sum(numerator) as total, sum(numerator) / nullif(sum(denominator), 0) as ratio,
    max_by(value, business_date) as last
from marts.kpi_daily
where scope_type = $scope and scope_key = $key
    and business_date > $end::date - $days::integer and business_date <= $end::date
group by kpi
"""
_FIRST_DAY = """
select greatest(
    (select min(business_date) from marts.kpi_daily where scope_type = 'all'),
    least(
        (select opened_on from marts.dim_store where store_id = $key),
        (select min(business_date) from marts.kpi_daily
            where scope_type = $scope and scope_key = $key)
    )
) as day
"""
"""A store has no row of a day without sales: its rows alone do not say how far the data reaches."""
_COLUMNS = {"sum": "total", "ratio": "ratio", "last": "last", "month_rate": "last"}


@dataclass(frozen=True)
class Measured:
    """A KPI of a period, and a year before; None where the data does not reach back."""

    kpi: Kpi
    value: float | None
    before: float | None

    @property
    def change(self) -> float | None:
        """Relative change, of a share the difference; None where it says nothing."""
        if self.value is None or self.before is None:
            return None
        if self.kpi.unit == "share":
            return self.value - self.before
        return self.value / self.before - 1 if self.before else None


def measured(view: View, store: str, days: int) -> list[Measured]:
    """All KPIs that the scope has, of as many days up to the as-of date."""
    as_of = view.version.as_of
    then = as_of - _YEAR
    is_whole = _reaches(view, store, then - timedelta(days=days - 1))
    now, before = (_period(view, store, days, end) for end in (as_of, then))
    today, a_year_ago = (_period(view, store, 1, end) for end in (as_of, year_before(as_of)))
    return [
        Measured(kpi, _value(today, kpi), _value(a_year_ago, kpi))
        if kpi.kind == "month_rate"
        else Measured(kpi, _value(now, kpi), _value(before, kpi) if is_whole else None)
        for kpi in KPIS
        if kpi.is_of_stores or store == "all"
    ]


def year_before(day: date) -> date:
    """The same day of the month a year before; a month's last day meets the other's last day."""
    last = monthrange(day.year - 1, day.month)[1]
    is_last = day.day == monthrange(day.year, day.month)[1]
    return day.replace(year=day.year - 1, day=last if is_last else day.day)


def _scope(store: str) -> dict[str, str]:
    return {"scope": "all" if store == "all" else "store", "key": store}


def _reaches(view: View, store: str, day: date) -> bool:
    """Whether the data of the scope begins on the day or before."""
    first = view.row(_FIRST_DAY, **_scope(store))["day"]
    return first is not None and first <= day


def _period(view: View, store: str, days: int, end: date) -> dict[str, Row]:
    rows = view.rows(_OF_A_PERIOD, **_scope(store), end=end, days=days)
    return {row["kpi"]: row for row in rows}


def _value(period: dict[str, Row], kpi: Kpi) -> float | None:
    row = period.get(kpi.name)
    value = row[_COLUMNS[kpi.kind]] if row else None
    return None if value is None else float(value)
