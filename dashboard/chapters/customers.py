"""Finding customers: by key, or by what they are; each leads to the page of that person."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from dashboard.data import Row
from dashboard.downloads import download
from dashboard.parts import ALL, choose, store
from dashboard.tables import Column, table
from dashboard.view import View

SHOWN = 50
ORDERS = {
    "predicted": "ltv_predicted_365d",
    "sales": "net_sales_365d",
    "lifetime": "net_sales_lifetime",
    "last": "last_purchase_date",
}
FOUND = """
from marts.customer_360
where starts_with(customer_key, $key)
    and $store in ('all', coalesce(home_store_id, ''))
    and $rfm_group in ('all', coalesce(rfm_group, ''))
    and $lifecycle in ('all', coalesce(lifecycle_status, ''))
    and $churn in ('all', coalesce(churn_risk_band, ''))
    and $tier in ('all', coalesce(member_tier, ''))
    and ($segment = 'all' or customer_key in (
        select customer_key from marts.segment_membership
        where segment_id = $segment and is_current))
"""
LIST = """
select customer_key, rfm_group, lifecycle_status, member_tier, home_store_id, last_purchase_date,
    q_orders_365d, net_sales_365d, net_sales_lifetime, ltv_predicted_365d, churn_risk_band
{found} order by {order} desc nulls last, customer_key {limit}
"""
COLUMNS = (
    Column("rfm_group", "RFM group", "code"),
    Column("lifecycle_status", "Lifecycle", "code"),
    Column("member_tier", "Membership", "code"),
    Column("last_purchase_date", "Last purchase", "date"),
    Column("q_orders_365d", "Orders, 365 days", "count"),
    Column("net_sales_365d", "Net sales, 365 days", "amount"),
    Column("ltv_predicted_365d", "Predicted, 365 days", "amount"),
    Column("churn_risk_band", "Risk of leaving", "code"),
)


def show(view: View) -> None:
    """Draw the page."""
    values, order = _filters(view)
    found = view.row(f"select count(*) as n {FOUND}", **values)["n"]
    rows = view.rows(LIST.format(found=FOUND, order=order, limit=f"limit {SHOWN}"), **values)
    said = view.words("{found} customers", found=view.text(found, "count"))
    if found > SHOWN:
        said = view.words(
            "{found} customers, the first {shown} of them",
            found=view.text(found, "count"),
            shown=SHOWN,
        )
    table(view, rows, (key_column(view), *COLUMNS), said)
    if found:
        query = LIST.format(found=FOUND, order=order, limit="")
        download(view, "Download all of them as CSV", "customers", query, **values)


def key_column(view: View) -> Column:
    """The customer's key, a link to the page of that person."""
    return Column("customer_key", "Customer", link=lambda row: address(view, row))


def address(view: View, row: Row) -> str:
    """Address of the page of the customer of a row."""
    return "customer?" + urlencode({"key": row["customer_key"], "lang": view.words.language})


def _filters(view: View) -> tuple[dict[str, str], str]:
    """What to look for, and the column to sort by."""
    first, second = st.columns(4), st.columns(4)
    with first[0]:
        key = st.text_input(
            view.words("Customer key, or its beginning"), key="find", bind="query-params"
        )
    with first[1]:
        segment = choose(view, "Segment", [ALL, *_segments(view)], "segment", _segments(view))
    with first[2]:
        group = _choice(view, "RFM group", "rfm_group")
    with first[3]:
        lifecycle = _choice(view, "Lifecycle", "lifecycle_status")
    with second[0]:
        shop = store(view)
    with second[1]:
        tier = _choice(view, "Membership", "member_tier")
    with second[2]:
        churn = _choice(view, "Risk of leaving", "churn_risk_band")
    with second[3]:
        order = _order(view)
    values = {"key": key.strip(), "segment": segment, "rfm_group": group, "lifecycle": lifecycle}
    return values | {"store": shop, "tier": tier, "churn": churn}, order


def _choice(view: View, text: str, column: str) -> str:
    rows = view.rows(
        f"select distinct {column} as code from marts.customer_360 "
        f"where {column} is not null order by 1"
    )
    return choose(view, text, [ALL, *(row["code"] for row in rows)], column)


def _segments(view: View) -> dict[str, str]:
    rows = view.rows("select segment_id, segment_name from marts.segment_summary order by 2")
    return {row["segment_id"]: row["segment_name"] for row in rows}


def _order(view: View) -> str:
    names = {
        "predicted": view.words("Predicted, 365 days"),
        "sales": view.words("Net sales, 365 days"),
        "lifetime": view.words("Net sales, lifetime"),
        "last": view.words("Last purchase"),
    }
    return ORDERS[choose(view, "Sorted by", list(ORDERS), "order", names)]
