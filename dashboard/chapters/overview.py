"""How the company does: KPIs of a period, sales, targets, stores."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from charts.figure import CURRENCY
from dashboard.data import Row
from dashboard.kpis import Measured, measured
from dashboard.parts import ALL, Tile, figure, period, section, store, tiles
from dashboard.tables import Column
from dashboard.view import View

PERIODS = (28, 91, 364)
CHANGES = (
    "Changes are against the same weekdays a year before, of churn against the same day of the "
    "month."
)
SALES_OF_A_STORE = f"""
with sales as (
    select business_date, numerator from marts.kpi_daily
    where kpi = 'net_sales' and scope_type = 'store' and scope_key = $store
), daily as (
    -- A day without a sale has no row, and counts.
    select d.date_key as date, coalesce(sales.numerator, 0) as value
    from marts.dim_date d left join sales on sales.business_date = d.date_key
    where d.date_key between (select min(business_date) from sales)
        and coalesce((select closed_on from marts.dim_store where store_id = $store), $end::date)
        and d.date_key <= $end::date
), averaged as (
    select date, value, case when count(*) over week = 7 then avg(value) over week end as week_mean
    from daily window week as (
        order by date range between interval 6 days preceding and current row)
)
select averaged.date, averaged.value, averaged.week_mean, before.week_mean as year_before_mean,
    {CURRENCY}
from averaged left join averaged as before on before.date = averaged.date - 364
where averaged.date > $end::date - 91
order by averaged.date
"""
_TARGETS = """
select s.kpi, coalesce(d.store_name, s.scope_key) as scope, s.note, s.unit, s.period_start,
    s.period_end, s.actual_to_date, s.pace_target, s.target_value, s.achievement, s.status
from marts.kpi_scorecard s left join marts.dim_store d
    on s.scope_type = 'store' and d.store_id = s.scope_key
where $store in ('all', s.scope_key)
order by s.measured_to is null, s.is_final, s.period_end, s.kpi, s.scope_key
"""
_STORES = """
select s.store_id, coalesce(d.store_name, s.store_id) as store_name, sum(s.net_sales) as net_sales,
    sum(s.receipts) as receipts,
    (select sum(k.numerator) / nullif(sum(k.denominator), 0) from marts.kpi_daily k
        where k.kpi = 'aov' and k.scope_type = 'store' and k.scope_key = s.store_id
            and k.business_date > $since) as order_value,
    sum(s.returns_amount) / nullif(sum(s.net_sales) + sum(s.returns_amount), 0) as return_rate,
    sum(s.identified_receipts) / nullif(sum(s.receipts), 0) as identified_share
from marts.store_daily s left join marts.dim_store d using (store_id)
where s.business_date > $since
group by all order by net_sales desc, s.store_id
"""


def show(view: View) -> None:
    """Draw the page."""
    left, right = st.columns(2)
    with left:
        shop = store(view)
    with right:
        days = period(view, PERIODS)
    tiles([_tile(view, one) for one in measured(view, shop, days)])
    st.caption(view.words(CHANGES))
    _sales(view, shop)
    _targets(view, shop)
    if shop == ALL:
        _stores(view, view.version.as_of - timedelta(days=days))


def _tile(view: View, one: Measured) -> Tile:
    note = ""
    if one.change is not None:
        sign = "+" if one.change >= 0 else "−"
        unit = "pt" if one.kpi.unit == "share" else "%"
        note = f"{sign}{abs(one.change) * 100:.1f} {unit}"
    return Tile(view.label(one.kpi.name), view.text(one.value, one.kpi.unit), note)


def _sales(view: View, shop: str) -> None:
    if shop == ALL:
        left, right = st.columns(2)
        with left:
            figure(view, "net_sales_daily")
        with right:
            figure(view, "members_over_time")
    else:
        figure(view, "net_sales_daily", SALES_OF_A_STORE, store=shop, end=view.version.as_of)


def _targets(view: View, shop: str) -> None:
    rows = [_in_its_unit(view, row) for row in view.rows(_TARGETS, store=shop)]
    section(view, "Targets", rows, (
        Column("kpi", "KPI", "code"),
        Column("scope", "Store", "code"),
        Column("period", "Period", "period"),
        Column("actual", "So far", "written"),
        Column("pace", "At an even pace", "written"),
        Column("target", "Target", "written"),
        Column("achievement", "Reached", "share"),
        Column("status", "Status", "code"),
        Column("note", "Note"),
    ))  # fmt: skip


def _in_its_unit(view: View, row: Row) -> Row:
    """Amounts, counts and shares of a target as text, each KPI in its own unit."""
    return row | {
        "period": (row["period_start"], row["period_end"]),
        "actual": view.text(row["actual_to_date"], row["unit"]),
        "pace": view.text(row["pace_target"], row["unit"]),
        "target": view.text(row["target_value"], row["unit"]),
    }


def _stores(view: View, since: date) -> None:
    section(view, "Sales by store", view.rows(_STORES, since=since), (
        Column("store_name", "Store"),
        Column("net_sales", "Net sales", "amount"),
        Column("receipts", "Receipts", "count"),
        Column("order_value", "Order value", "amount"),
        Column("return_rate", "Returns", "share"),
        Column("identified_share", "Receipts with a customer", "share"),
    ))  # fmt: skip
