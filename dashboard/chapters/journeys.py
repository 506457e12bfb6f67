"""Journeys and members: where people stop on their way, what memberships and trials bring."""

from __future__ import annotations

import streamlit as st

from dashboard.chapters.customers import key_column
from dashboard.parts import choose, figure, section, switch
from dashboard.tables import Column, table
from dashboard.view import View

_MAP = """
select step, reached, reach_share, p50_hours_to_next * 60 as typical,
    p90_hours_to_next * 60 as slow, drop_off_share, mean_sentiment, sentiment_people,
    main_channel, main_channel_share
from marts.journey_map
where map_type = $map and segment_type = $type and segment = $segment order by step_no
"""
_SEGMENTS = """
select distinct segment_type, segment from marts.journey_map where map_type = $map
order by segment_type <> 'all', segment_type, segment
"""
_TIERS = """
select member_tier, members, buyer_share, benefit_user_share, net_sales_per_member, aov_365d,
    coupon_redemption_rate, points_used_rate, contact_after_purchase_365d
from marts.member_tier_summary order by member_tier <> 'all', members desc, member_tier
"""
_TRIALS = """
select t.trial_kind, coalesce(p.product_name, t.product_id) as product_name,
    sum(t.started) as started, sum(t.matured) as matured, sum(t.converted) as converted,
    sum(t.converted) / nullif(sum(t.matured), 0) as conversion, sum(t.pending) as pending,
    sum(t.converted_net_sales) as net_sales
from marts.trial_conversion t left join marts.dim_product p using (product_id)
group by all order by t.trial_kind, started desc, product_name
"""
_OMNI = """
select purchase_channel, segment, customers, omni_share, orders, net_sales, aov
from marts.channel_omni where segment_type = 'channel_set' or segment_type = 'all'
order by segment_type <> 'all', purchase_channel <> 'all', net_sales desc nulls last, segment
"""
_AMBASSADORS = """
select customer_key, ambassador_tier, rfm_group, nps_last, advocacy_acts_365d, referred_customers,
    referred_buyers, referred_net_sales
from marts.ambassador
order by array_position(['confirmed', 'candidate'], ambassador_tier) nulls last,
    referred_net_sales desc nulls last, customer_key limit 50
"""


def show(view: View) -> None:
    """Draw the page."""
    parts = {
        "journey": _journey,
        "lifecycle": _lifecycle,
        "tiers": _members,
        "channels": _channels,
        "ambassadors": _ambassadors,
    }
    parts[switch(view, "Part", list(parts), "part")](view)


def _journey(view: View) -> None:
    left, right = st.columns(2)
    with left:
        which = choose(view, "Journey", ["purchase", "service"], "map", {
            "purchase": view.words("To the purchase and beyond"),
            "service": view.words("A request for help"),
        })  # fmt: skip
    codes = [f"{row['segment_type']}/{row['segment']}" for row in view.rows(_SEGMENTS, map=which)]
    names = {code: view.label(code.partition("/")[2]) for code in codes}
    with right:
        chosen = choose(view, "Customers of", codes or ["all/all"], "of", names)
    kind, _, segment = chosen.partition("/")
    rows = view.rows(_MAP, map=which, type=kind, segment=segment)
    table(view, rows, (
        Column("step", "Step", "step"),
        Column("reached", "Reached it", "count"),
        Column("reach_share", "Share", "share"),
        Column("drop_off_share", "Went no further", "share"),
        Column("typical", "To the next step, median", "minutes"),
        Column("slow", "nine of ten within", "minutes"),
        Column("mean_sentiment", "Mood, −1 to +1", "points"),
        Column("sentiment_people", "told by", "count"),
        Column("main_channel", "Main channel", "code"),
        Column("main_channel_share", "of all touches", "share"),
    ))  # fmt: skip


def _lifecycle(view: View) -> None:
    left, right = st.columns(2)
    with left:
        figure(view, "lifecycle_status")
    with right:
        figure(view, "lifecycle_flow")


def _members(view: View) -> None:
    figure(view, "members_over_time")
    section(view, "Memberships, the last 365 days", view.rows(_TIERS), (
        Column("member_tier", "Membership", "code"),
        Column("members", "Members", "count"),
        Column("buyer_share", "Who bought", "share"),
        Column("benefit_user_share", "Who used a benefit", "share"),
        Column("net_sales_per_member", "Net sales a member", "amount"),
        Column("aov_365d", "Order value", "amount"),
        Column("points_used_rate", "Points used", "share"),
        Column("coupon_redemption_rate", "Coupons redeemed", "share"),
        Column("contact_after_purchase_365d", "Orders with a request after", "share"),
    ))  # fmt: skip
    section(view, "Trials and samples", view.rows(_TRIALS), (
        Column("product_name", "Product", "code"),
        Column("trial_kind", "Kind", "code"),
        Column("started", "Begun", "count"),
        Column("matured", "With time enough", "count"),
        Column("converted", "Bought afterwards", "count"),
        Column("conversion", "Share", "share"),
        Column("pending", "Time not over", "count"),
        Column("net_sales", "Net sales", "amount"),
    ))  # fmt: skip


def _channels(view: View) -> None:
    st.subheader(view.words("Who buys where, the last 365 days"), anchor=False)
    rows = [
        row | {"segment": ", ".join(map(view.label, row["segment"].split(",")))}
        for row in view.rows(_OMNI)
    ]
    table(view, rows, (
        Column("segment", "Customers of"),
        Column("purchase_channel", "Bought in", "code"),
        Column("customers", "Customers", "count"),
        Column("omni_share", "In two channels or more", "share"),
        Column("orders", "Orders", "count"),
        Column("net_sales", "Net sales", "amount"),
        Column("aov", "Order value", "amount"),
    ))  # fmt: skip


def _ambassadors(view: View) -> None:
    section(view, "Who recommends us", view.rows(_AMBASSADORS), (
        key_column(view),
        Column("ambassador_tier", "Ambassador", "code"),
        Column("rfm_group", "RFM group", "code"),
        Column("nps_last", "Would recommend, 0 to 10", "count"),
        Column("advocacy_acts_365d", "Recommendations, 365 days", "count"),
        Column("referred_customers", "Customers brought", "count"),
        Column("referred_buyers", "Of them bought", "count"),
        Column("referred_net_sales", "Their net sales", "amount"),
    ))  # fmt: skip
