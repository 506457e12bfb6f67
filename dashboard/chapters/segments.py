"""Segments and lists: who is in them, who came and went, and the people as CSV."""

from __future__ import annotations

import streamlit as st

from dashboard.chapters.customers import COLUMNS, key_column
from dashboard.data import Row
from dashboard.downloads import download
from dashboard.parts import Tile, choose, section, switch, tiles
from dashboard.tables import Column, nothing, table
from dashboard.view import View

SHOWN = 25
_SEGMENTS = "select * from marts.segment_summary order by customers desc, segment_id"
_MOVES = """
select month, sum(came)::bigint as came, sum(went)::bigint as went from (
    select date_trunc('month', entered_on)::date as month, 1 as came, 0 as went
    from marts.segment_membership where segment_id = $segment
    union all
    select date_trunc('month', exited_on)::date, 0, 1
    from marts.segment_membership where segment_id = $segment and exited_on is not null
)
group by month order by month desc limit 24
"""
PEOPLE = """
select c.* from marts.segment_membership m join marts.customer_360 c using (customer_key)
where m.segment_id = $segment and m.is_current
order by c.ltv_predicted_365d desc nulls last, c.customer_key
"""
_LISTS = """
select list_id, any_value(list_name) as list_name, channel,
    count(*) filter (is_included) as included, count(*) filter (not is_included) as excluded,
    sum(ltv_predicted_365d) filter (is_included) as predicted
from marts.promotion_list group by list_id, channel order by list_name, channel
"""
_REASONS = """
select exclusion_reason, count(*) as customers from marts.promotion_list
where list_id = $list and channel = $channel and not is_included
group by exclusion_reason order by customers desc, exclusion_reason
"""
_LISTED = """
select list_rank, customer_key, ltv_predicted_365d, churn_risk_band, ltv_historic
from marts.promotion_list
where list_id = $list and channel = $channel and is_included order by list_rank, customer_key
"""


def show(view: View) -> None:
    """Draw the page."""
    if switch(view, "Part", ["segments", "lists"], "part") == "segments":
        _segments(view)
    else:
        _lists(view)


def _segments(view: View) -> None:
    rows = view.rows(_SEGMENTS)
    table(view, rows, (
        Column("segment_name", "Segment"),
        Column("customers", "Customers", "count"),
        Column("customer_share", "Share", "share"),
        Column("entered_month", "Came in this month", "count"),
        Column("left_month", "Left this month", "count"),
        Column("net_sales_365d", "Net sales, 365 days", "amount"),
        Column("predicted_value", "Predicted, 365 days", "amount"),
        Column("value_at_risk", "Of it at risk", "amount"),
        Column("email_contactable", "By e-mail", "count"),
        Column("line_contactable", "By LINE", "count"),
        Column("dm_contactable", "By letter", "count"),
    ))  # fmt: skip
    if not rows:
        return
    names = {row["segment_id"]: row["segment_name"] for row in rows}
    chosen = choose(view, "Segment", list(names), "segment", names)
    _segment(view, next(row for row in rows if row["segment_id"] == chosen))


def _segment(view: View, row: Row) -> None:
    text, words = view.text, view.words
    st.caption(words("Rule: {rule}", rule=f"`{row['rule_text']}`"))
    tiles([
        Tile(
            words("Customers"),
            text(row["customers"], "count"),
            text(row["customer_share"], "share"),
        ),
        Tile(words("Order value"), text(row["average_order_value"], "amount")),
        Tile(words("Net sales, 365 days"), text(row["net_sales_365d"], "amount")),
        Tile(words("Predicted, 365 days"), text(row["predicted_value"], "amount")),
    ])  # fmt: skip
    values = {"segment": row["segment_id"]}
    st.subheader(words("The people in it"), anchor=False)
    people = view.rows(f"{PEOPLE} limit {SHOWN}", **values)
    table(
        view,
        people,
        (key_column(view), *COLUMNS),
        words("The first {n} by predicted value", n=len(people)),
    )
    download(view, "Download all of them as CSV", row["segment_id"], PEOPLE, **values)
    section(view, "Who came and who left", view.rows(_MOVES, **values), (
        Column("month", "Month", "month"),
        Column("came", "Came in", "count"),
        Column("went", "Left", "count"),
    ))  # fmt: skip


def _lists(view: View) -> None:
    rows = view.rows(_LISTS)
    if not rows:
        nothing(view)
        return
    table(view, rows, (
        Column("list_name", "List"),
        Column("channel", "Channel", "code"),
        Column("included", "On it", "count"),
        Column("excluded", "Not on it", "count"),
        Column("predicted", "Predicted, 365 days", "amount"),
    ))  # fmt: skip
    names = {
        f"{row['list_id']}/{row['channel']}": f"{row['list_name']} ({view.label(row['channel'])})"
        for row in rows
    }
    chosen = choose(view, "List", list(names), "list", names)
    name, _, channel = chosen.partition("/")
    st.subheader(view.words("Why people are not on it"), anchor=False)
    values = {"list": name, "channel": channel}
    table(view, view.rows(_REASONS, **values), (
        Column("exclusion_reason", "Reason", "code"),
        Column("customers", "Customers", "count"),
    ))  # fmt: skip
    st.subheader(view.words("The people on it"), anchor=False)
    shown = view.rows(f"{_LISTED} limit {SHOWN}", **values)
    table(view, shown, (
        key_column(view),
        Column("list_rank", "Rank", "count"),
        Column("ltv_predicted_365d", "Predicted, 365 days", "amount"),
        Column("churn_risk_band", "Risk of leaving", "code"),
        Column("ltv_historic", "Net sales, lifetime", "amount"),
    ), view.words("The first {n}", n=len(shown)))  # fmt: skip
    download(view, "Download all of them as CSV", name, _LISTED, **values)
    st.caption(
        view.words(
            "The file holds keys, no addresses. `tokui export-list` joins these, for those who may."
        )
    )
