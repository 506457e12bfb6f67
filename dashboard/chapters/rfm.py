"""RFM: who the best customers are, and who moved."""

from __future__ import annotations

import streamlit as st

from dashboard.parts import choose, figure, section, store
from dashboard.tables import Column, table
from dashboard.view import View

_GROUPS = """
select r.rfm_group, count(*) as customers, count(*) / sum(count(*)) over () as share,
    sum(c.net_sales_365d) as net_sales, median(r.recency_days) as recency,
    sum(r.frequency) / count(*) as frequency, sum(r.monetary) / count(*) as monetary,
    sum(c.ltv_predicted_365d) as predicted, count(*) filter (c.contactable_email) as by_email
from marts.customer_rfm r join marts.customer_360 c using (customer_key)
where r.rfm_window = $window and $store in ('all', coalesce(c.home_store_id, ''))
group by r.rfm_group order by predicted desc nulls last, r.rfm_group
"""
_KLAVIYO = """
select r.klaviyo_group, count(*) as customers, count(*) / sum(count(*)) over () as share
from marts.customer_rfm r join marts.customer_360 c using (customer_key)
where r.rfm_window = $window and $store in ('all', coalesce(c.home_store_id, ''))
group by r.klaviyo_group order by customers desc, r.klaviyo_group
"""


def show(view: View) -> None:
    """Draw the page."""
    left, right = st.columns(2)
    with left:
        figure(view, "rfm_grid")
    with right:
        figure(view, "rfm_migration")
    st.subheader(view.words("Groups"), anchor=False)
    left, right = st.columns(2)
    with left:
        window = choose(view, "Orders that count", ["lifetime", "365d"], "window")
    with right:
        shop = store(view)
    values = {"window": window, "store": shop}
    table(view, view.rows(_GROUPS, **values), (
        Column("rfm_group", "RFM group", "code"),
        Column("customers", "Customers", "count"),
        Column("share", "Share", "share"),
        Column("recency", "Days since the last order, median", "count"),
        Column("frequency", "Orders a customer", "number"),
        Column("monetary", "Net sales a customer", "amount"),
        Column("net_sales", "Net sales, 365 days", "amount"),
        Column("predicted", "Predicted, 365 days", "amount"),
        Column("by_email", "By e-mail", "count"),
    ))  # fmt: skip
    st.caption(view.words("A store is the home store of a customer here."))
    section(view, "Groups of the 3 by 3 by 3 grid (Klaviyo)", view.rows(_KLAVIYO, **values), (
        Column("klaviyo_group", "Group", "code"),
        Column("customers", "Customers", "count"),
        Column("share", "Share", "share"),
    ))  # fmt: skip
