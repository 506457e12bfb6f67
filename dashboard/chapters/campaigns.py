"""Campaigns: what they reached, what followed them, and what they added."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from dashboard.data import Row
from dashboard.parts import ALL, choose, figure, period, section, switch
from dashboard.tables import Column, table
from dashboard.view import View

_CAMPAIGNS = """
select p.campaign_id, coalesce(p.campaign_name, p.campaign_id) as campaign_name, p.channel,
    p.sent_date, p.delivered, p.open_rate_human, p.click_rate, p.conversion_rate,
    p.attributed_orders, p.attributed_net_sales, p.cost, p.verdict, p.evidence_grade,
    e.lift_abs, e.lift_low, e.lift_high, e.is_significant, e.is_complete
from marts.campaign_performance p left join marts.campaign_effect e
    on e.campaign_id = p.campaign_id and e.variant = 'all' and e.segment = 'all'
    and e.metric = 'purchase_rate'
where p.variant = 'all' and p.segment = 'all' and $channel in ('all', p.channel)
    and p.sent_date > $since
order by p.sent_date desc, p.campaign_id limit 200
"""
_VARIANTS = """
select variant, segment, audience, delivered, open_rate_human, open_rate_all, click_rate,
    conversion_rate, attributed_orders, attributed_net_sales, unsub_rate
from marts.campaign_performance where campaign_id = $campaign
order by segment <> 'all', variant <> 'all', segment, variant
"""
_EFFECTS = """
select metric, variant, n_treated, n_control, post_value, control_post_value, lift_abs, lift_low,
    lift_high, is_significant, is_complete, evidence_grade
from marts.campaign_effect where campaign_id = $campaign and segment = 'all'
order by metric desc, variant <> 'all', variant
"""
_ATTRIBUTED = """
select channel, touch_type, count(*) as orders, count(distinct customer_key) as customers,
    sum(net_sales_order_dated) as net_sales,
    count(*) filter (new_or_repeat = 'new') / count(*) as new_share,
    median(hours_to_order) * 60 as minutes_to_order
from marts.campaign_attribution where business_date > $since and $channel in ('all', channel)
group by channel, touch_type order by net_sales desc, channel, touch_type
"""
COUPONS = """
with codes as (
    select *, count(*) over (partition by campaign_id) as codes_of_campaign
    from marts.coupon_performance where coupon_kind <> 'all'
)
select c.coupon_code, c.campaign_id, c.coupon_kind, c.last_expires_at, c.issued, c.redemptions,
    c.redemption_rate, c.discount_amount, c.net_sales, c.margin, w.incremental_margin,
    w.incremental_margin_low, w.incremental_margin_high
from codes c
-- What was added is told of a campaign: of a code where the campaign has no other.
left join marts.coupon_performance w
    on w.coupon_kind = 'all' and w.campaign_id = c.campaign_id and c.codes_of_campaign = 1
order by c.redemptions desc, c.coupon_key limit 100
"""
PERIODS = (91, 182, 364, 728)


def show(view: View) -> None:
    """Draw the page."""
    part = switch(view, "Part", ["campaigns", "attribution", "coupons"], "part")
    if part == "coupons":
        _coupons(view)
        return
    if part == "campaigns":
        # Above the choice of a channel and period, which they do not follow.
        _charts(view)
    left, right = st.columns(2)
    with left:
        channel = _channel(view)
    with right:
        since = view.version.as_of - timedelta(days=period(view, PERIODS))
    if part == "campaigns":
        _campaigns(view, channel, since)
    else:
        _attribution(view, channel, since)


def _charts(view: View) -> None:
    left, right = st.columns(2)
    with left:
        figure(view, "campaign_verdicts")
    with right:
        figure(view, "campaign_effects")


def _channel(view: View) -> str:
    rows = view.rows("select distinct channel from marts.dim_campaign order by 1")
    return choose(view, "Channel", [ALL, *(row["channel"] for row in rows)], "channel")


def _campaigns(view: View, channel: str, since: object) -> None:
    rows = view.rows(_CAMPAIGNS, channel=channel, since=since)
    section(view, "Campaigns", [row | {"effect": effect(view, row)} for row in rows], (
        Column("campaign_name", "Campaign"),
        Column("channel", "Channel", "code"),
        Column("sent_date", "Sent", "date"),
        Column("verdict", "Verdict", "code"),
        Column("effect", "Added buyers (95 % interval)"),
        Column("evidence_grade", "Evidence", "code"),
        Column("delivered", "Delivered", "count"),
        Column("open_rate_human", "Opened", "share"),
        Column("click_rate", "Clicked", "share"),
        Column("conversion_rate", "Bought", "share"),
        Column("attributed_orders", "Orders", "count"),
        Column("attributed_net_sales", "Net sales", "amount"),
        Column("cost", "Cost", "amount"),
    ))  # fmt: skip
    st.caption(
        view.words(
            "Orders and net sales followed the campaign. What it added is told only by people held "
            "out by lot: an interval that holds 0 means that it is not known."
        )
    )
    if rows:
        names = {row["campaign_id"]: row["campaign_name"] for row in rows}
        _campaign(view, choose(view, "Campaign", list(names), "campaign", names))


def effect(view: View, row: Row) -> str:
    """The lift of the purchase rate in points with its interval, or why there is none."""
    if row["lift_abs"] is None:
        is_early = row["is_complete"] is False
        return view.words("too early") if is_early else view.words("not known")
    low, middle, high = (
        view.text(row[name] * 100, "points") for name in ("lift_low", "lift_abs", "lift_high")
    )
    return view.words("{middle} pt ({low} to {high})", middle=middle, low=low, high=high)


def _campaign(view: View, campaign: str) -> None:
    rows = view.rows(_EFFECTS, campaign=campaign)
    section(view, "What it added", [in_its_unit(view, row) for row in rows], (
        Column("metric", "Measure", "code"),
        Column("variant", "Variant", "code"),
        Column("n_treated", "Written to", "count"),
        Column("n_control", "Held out", "count"),
        Column("post", "After, written to"),
        Column("control", "After, held out"),
        Column("lift", "Difference"),
        Column("interval", "95 % interval"),
        Column("is_significant", "Leaves 0 out", "yes"),
        Column("evidence_grade", "Evidence", "code"),
    ))  # fmt: skip
    section(view, "By variant and RFM group", view.rows(_VARIANTS, campaign=campaign), (
        Column("segment", "RFM group", "code"),
        Column("variant", "Variant", "code"),
        Column("audience", "Chosen", "count"),
        Column("delivered", "Delivered", "count"),
        Column("open_rate_human", "Opened, at least", "share"),
        Column("open_rate_all", "Opened, at most", "share"),
        Column("click_rate", "Clicked", "share"),
        Column("conversion_rate", "Bought", "share"),
        Column("attributed_orders", "Orders", "count"),
        Column("attributed_net_sales", "Net sales", "amount"),
        Column("unsub_rate", "Unsubscribed", "share"),
    ))  # fmt: skip


def in_its_unit(view: View, row: Row) -> Row:
    """The measured values as text: shares, orders or amounts a person."""
    units = {"purchase_rate": "share", "net_sales_per_person": "amount"}
    unit = units.get(row["metric"], "number")
    low, lift, high = (
        _difference(view, row[name], unit) for name in ("lift_low", "lift_abs", "lift_high")
    )
    return row | {
        "post": view.text(row["post_value"], unit),
        "control": view.text(row["control_post_value"], unit),
        "lift": lift,
        "interval": None
        if row["lift_low"] is None
        else view.words("{low} to {high}", low=low, high=high),
    }


def _difference(view: View, value: float | None, unit: str) -> str:
    """A difference in the unit of its sides; of two shares in points."""
    if unit != "share" or value is None:
        return view.text(value, unit)
    return f"{view.text(value * 100, 'points')} pt"


def _attribution(view: View, channel: str, since: object) -> None:
    rows = view.rows(_ATTRIBUTED, channel=channel, since=since)
    section(view, "Orders that followed a campaign", rows, (
        Column("channel", "Channel", "code"),
        Column("touch_type", "Last touch", "code"),
        Column("orders", "Orders", "count"),
        Column("customers", "Customers", "count"),
        Column("net_sales", "Net sales", "amount"),
        Column("new_share", "First orders", "share"),
        Column("minutes_to_order", "From touch to order, median", "minutes"),
    ))  # fmt: skip
    st.caption(view.words("Each order belongs to at most one campaign, that of the last touch."))


def _coupons(view: View) -> None:
    table(view, view.rows(COUPONS), (
        Column("coupon_code", "Coupon"),
        Column("campaign_id", "Campaign"),
        Column("coupon_kind", "Kind", "code"),
        Column("last_expires_at", "Expires", "instant"),
        Column("issued", "Handed out", "count"),
        Column("redemptions", "Redeemed", "count"),
        Column("redemption_rate", "Share redeemed", "share"),
        Column("discount_amount", "Discount", "amount"),
        Column("net_sales", "Net sales", "amount"),
        Column("margin", "Margin", "amount"),
        Column("incremental_margin", "Margin added", "amount"),
        Column("incremental_margin_low", "at least", "amount"),
        Column("incremental_margin_high", "at most", "amount"),
    ))  # fmt: skip
