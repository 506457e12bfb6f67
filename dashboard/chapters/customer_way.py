"""The way of one person: stages reached, touches over time, groups through the months."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from charts.theme import ACCENT
from dashboard.data import Row
from dashboard.parts import WIDTH, section, show_spec, spec_of, switch
from dashboard.tables import Column, nothing, table
from dashboard.view import View

if TYPE_CHECKING:
    import altair as alt

SHOWN = 100
_STAGES = """
select u.s.stage, u.s.reached_at from marts.journey_stage j, unnest([
    {stage: 'aware', reached_at: aware_at}, {stage: 'considering', reached_at: considering_at},
    {stage: 'first_purchase', reached_at: first_purchase_at},
    {stage: 'repeat', reached_at: repeat_at},
    {stage: 'loyal', reached_at: loyal_at},
    {stage: 'advocate', reached_at: advocate_at},
    {stage: 'dormant', reached_at: dormant_at}, {stage: 'reactivated', reached_at: returned_at}
]) as u(s)
where j.customer_key = $key and u.s.reached_at is not null
order by u.s.reached_at, u.s.stage
"""
_EVENTS = """
select occurred_at, touchpoint_type, channel, direction, stage, campaign_id, amount, sentiment
from marts.journey_event where customer_key = $key
order by event_no desc limit {shown}
"""
_TOUCHES = """
select t.occurred_at, t.touchpoint_type, t.channel, t.direction, t.campaign_id, t.amount,
    t.sentiment, e.stage
from marts.fct_touchpoint t left join marts.journey_event e using (touchpoint_id)
where t.customer_key = $key
order by t.occurred_at desc, t.touchpoint_id limit {shown}
"""
_MONTHS = """
select date_trunc('month', business_date)::date as month, touchpoint_type as what, count(*) as n
from marts.fct_touchpoint where customer_key = $key group by all order by month, what
"""
_GROUPS = """
select month_end, rfm_group, recency_days, frequency, monetary
from marts.customer_rfm_history
where customer_key = $key and rfm_window = 'lifetime' order by month_end desc
"""


def show(view: View, row: Row) -> None:
    """Draw this part of the page."""
    key = row["customer_key"]
    section(
        view,
        "Stages of the journey",
        view.rows(_STAGES, key=key),
        (Column("stage", "Stage", "code"), Column("reached_at", "First reached", "instant")),
    )
    _timeline(view, key)
    _events(view, key)
    section(
        view,
        "RFM group at each month end",
        view.rows(_GROUPS, key=key),
        (
            Column("month_end", "Month", "month"),
            Column("rfm_group", "RFM group", "code"),
            Column("recency_days", "Days since the last order", "count"),
            Column("frequency", "Orders", "count"),
            Column("monetary", "Net sales", "amount"),
        ),
    )


def _events(view: View, key: str) -> None:
    st.subheader(view.words("Events"), anchor=False)
    which = switch(view, "Events", ["moving", "touches"], "events")
    query = _EVENTS if which == "moving" else _TOUCHES
    rows = view.rows(query.format(shown=SHOWN), key=key)
    table(
        view,
        rows,
        (
            Column("occurred_at", "When", "instant"),
            Column("touchpoint_type", "What", "code"),
            Column("channel", "Channel", "code"),
            Column("direction", "Direction", "direction"),
            Column("stage", "Stage", "code"),
            Column("campaign_id", "Campaign"),
            Column("amount", "Net sales", "amount"),
            Column("sentiment", "Mood", "points"),
        ),
        view.words("The latest {n}", n=len(rows)),
    )


def _timeline(view: View, key: str) -> None:
    st.subheader(view.words("Touches a month"), anchor=False)
    rows = view.rows(_MONTHS, key=key)
    if not rows:
        nothing(view)
        return
    total = sum(row["n"] for row in rows)
    described = view.words(
        "{n} touches from {first} to {last}.",
        n=total,
        first=f"{rows[0]['month']:%Y-%m}",
        last=f"{rows[-1]['month']:%Y-%m}",
    )
    show_spec(spec_of(_drawn(rows, view)), described)


def _drawn(rows: list[Row], view: View) -> alt.Chart:
    """A dot a month and kind of touch, as large as their number."""
    import altair as alt

    values = [
        {"month": f"{row['month']:%Y-%m-%d}", "what": view.label(row["what"]), "n": row["n"]}
        for row in rows
    ]
    return (
        alt.Chart(alt.Data(values=values), width=WIDTH, height=alt.Step(24))
        .mark_circle(color=ACCENT, opacity=0.85)
        .encode(
            x=alt.X("month:T", title=None, axis=alt.Axis(format="%Y-%m")),
            y=alt.Y("what:N", title=None, sort=None),
            size=alt.Size(
                "n:Q",
                scale=alt.Scale(range=[30, 350]),
                legend=alt.Legend(format="d", tickMinStep=1, title=view.words("Number")),
            ),
            tooltip=[
                alt.Tooltip("month:T", title=view.words("Month"), format="%Y-%m"),
                alt.Tooltip("what:N", title=view.words("What")),
                alt.Tooltip("n:Q", title=view.words("Number")),
            ],
        )
    )
