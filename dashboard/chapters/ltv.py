"""Lifetime value: what customers were worth, will be worth, and how far that can be trusted."""

from __future__ import annotations

import streamlit as st

from dashboard.parts import Tile, figure, section, tiles
from dashboard.tables import Column
from dashboard.view import View

_TOTAL = """
select count(*) filter (q_orders > 0) as buyers, sum(ltv_historic) as historic,
    sum(ltv_predicted_365d) as predicted, sum(ltv_predicted_365d * churn_risk) as at_risk,
    avg(p_alive) as alive
from marts.customer_ltv
"""
_DECILES = """
select decile, count(*) as customers, sum(ltv_historic) as historic,
    sum(ltv_historic) / nullif(sum(sum(ltv_historic)) over (), 0) as historic_share,
    sum(ltv_predicted_365d) as predicted
from (
    select ltv_historic, ltv_predicted_365d,
        ntile(10) over (order by ltv_historic desc, customer_key) as decile
    from marts.customer_ltv where q_orders > 0
)
group by decile order by decile
"""
_CHURN = """
select churn_risk_band, count(*) as customers, sum(ltv_predicted_365d) as predicted,
    sum(ltv_historic) as historic
from marts.customer_ltv where churn_risk_band is not null
group by churn_risk_band order by predicted desc
"""
_BACKTEST = """
select segment, customers, actual_orders, predicted_orders, actual_to_predicted, mae, naive_mae,
    actual_net_sales, predicted_net_sales
from ops.model_backtest where bucket_type = 'all' order by segment <> 'all', segment
"""


def show(view: View) -> None:
    """Draw the page."""
    total, text, words = view.row(_TOTAL), view.text, view.words
    tiles([
        Tile(words("Customers who bought"), text(total["buyers"], "count")),
        Tile(words("Net sales, lifetime"), text(total["historic"], "amount")),
        Tile(words("Predicted, 365 days"), text(total["predicted"], "amount")),
        Tile(words("Of it at risk"), text(total["at_risk"], "amount")),
        Tile(words("Still customers, on average"), text(total["alive"], "share")),
    ])  # fmt: skip
    left, right = st.columns(2)
    with left:
        figure(view, "ltv_by_segment")
    with right:
        figure(view, "ltv_calibration")
    section(view, "Tenths of the customers, by what they were worth", view.rows(_DECILES), (
        Column("decile", "Tenth", "count"),
        Column("customers", "Customers", "count"),
        Column("historic", "Net sales, lifetime", "amount"),
        Column("historic_share", "Share", "share"),
        Column("predicted", "Predicted, 365 days", "amount"),
    ))  # fmt: skip
    section(view, "Risk of leaving", view.rows(_CHURN), (
        Column("churn_risk_band", "Risk of leaving", "code"),
        Column("customers", "Customers", "count"),
        Column("historic", "Net sales, lifetime", "amount"),
        Column("predicted", "Predicted, 365 days", "amount"),
    ))  # fmt: skip
    section(view, "Predicted and come true", view.rows(_BACKTEST), (
        Column("segment", "Segment", "code"),
        Column("customers", "Customers", "count"),
        Column("predicted_orders", "Orders predicted", "count"),
        Column("actual_orders", "Orders placed", "count"),
        Column("actual_to_predicted", "Placed ÷ predicted", "number"),
        Column("predicted_net_sales", "Net sales predicted", "amount"),
        Column("actual_net_sales", "Net sales made", "amount"),
        Column("mae", "Mean error, orders", "number"),
        Column("naive_mae", "The same, of a simple guess", "number"),
    ))  # fmt: skip
    st.caption(words("A fit on older data, held against the orders that came afterwards."))
