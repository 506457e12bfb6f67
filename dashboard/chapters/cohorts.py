"""Cohorts and repeat purchases: of those who came in a month, who still buys."""

from __future__ import annotations

import streamlit as st

from dashboard.data import Row
from dashboard.heat import MONTHS, heat_table
from dashboard.parts import choose, figure, section, switch
from dashboard.tables import Column
from dashboard.view import View

_SCOPES = """
select distinct c.scope_type, c.scope_key, s.store_name
from marts.cohort_retention c left join marts.dim_store s
    on c.scope_type = 'store' and s.store_id = c.scope_key
order by c.scope_type, c.scope_key
"""
_RETENTION = """
with as_of as (select max(business_date) as day from marts.kpi_daily)
select cohort_month, months_since, cohort_size, retained_customers, retention, is_complete
from marts.cohort_retention cross join as_of
where scope_type = $type and scope_key = $key and cohort_size > 0
    and cohort_month > date_trunc('month', day) - interval 12 month
order by cohort_month, months_since
"""
VALUE = f"""
select cohort_month, months_since, cohort_size, cum_net_sales_per_customer as value,
    is_left_censored
from marts.cohort_ltv
where scope_type = $type and scope_key = $key and is_complete and months_since < {MONTHS}
order by cohort_month desc, months_since
"""
_FUNNEL = """
select step, step_customers as customers, matured_customers, matured_reached, reach_rate, step_rate
from marts.repeat_funnel
where scope_type = $type and scope_key = $key and days_bucket = 'all' order by step
"""
MEASURES = ("retention", "value")


def show(view: View) -> None:
    """Draw the page."""
    left, right = st.columns(2)
    with left:
        scope = _scope(view)
    with right:
        measure = switch(view, "Measure", MEASURES, "measure")
    if measure == "retention":
        figure(view, "cohort_triangle", _RETENTION, **scope)
    else:
        _value(view, scope)
    section(view, "From one purchase to the next", view.rows(_FUNNEL, **scope), (
        Column("step", "Nth purchase", "count"),
        Column("customers", "Customers", "count"),
        Column("matured_customers", "With time enough to get there", "count"),
        Column("matured_reached", "Of them got there", "count"),
        Column("reach_rate", "Share", "share"),
        Column("step_rate", "Of those a purchase before", "share"),
    ))  # fmt: skip
    if scope["type"] == "all":
        figure(view, "repeat_funnel")


def _scope(view: View) -> dict[str, str]:
    rows = {f"{row['scope_type']}/{row['scope_key']}": row for row in view.rows(_SCOPES)}
    names = {code: _name(view, row) for code, row in rows.items()}
    chosen = choose(view, "Customers of", list(rows) or ["all/all"], "scope", names)
    kind, _, key = chosen.partition("/")
    return {"type": kind, "key": key}


def _name(view: View, row: Row) -> str:
    if row["scope_type"] == "all":
        return view.words("All stores")
    return row["store_name"] or view.label(row["scope_key"])


def _value(view: View, scope: dict[str, str]) -> None:
    title = "Net sales so far a customer, by months since the first order"
    st.subheader(view.words(title), anchor=False)
    heat_table(view, view.rows(VALUE, **scope), "amount")
    st.caption(
        view.words(
            "Months that are not over are left out. * Customers may have bought before the data "
            "begins."
        )
    )
