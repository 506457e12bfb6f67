"""Codes of the tables as people say them: RFM groups, statuses, KPIs, channels, verdicts.

A code that is not here is said as it stands: sources may bring channels of their own.
"""

from __future__ import annotations

from words import Words

NAMES = {
    # RFM groups
    "CHAMPIONS": "Champions",
    "LOYAL": "Loyal",
    "ACTIVE": "Active",
    "NEW": "New",
    "PROMISING": "Promising",
    "NEEDS_ATTENTION": "Needs attention",
    "ALMOST_LOST": "Almost lost",
    "AT_RISK": "At risk",
    "PREVIOUSLY_LOYAL": "Previously loyal",
    "DORMANT": "Dormant",
    "PROSPECTS": "No order yet",
    # Lifecycle
    "prospect": "No order yet",
    "new": "New",
    "active": "Active",
    "reactivated": "Came back",
    "at_risk": "At risk",
    "dormant": "Dormant",
    "lost": "Lost",
    # KPIs
    "net_sales": "Net sales",
    "receipts": "Receipts",
    "items_per_receipt": "Items a receipt",
    "aov": "Order value",
    "identified_sales_rate": "Sales with a customer",
    "identified_receipt_rate": "Receipts with a customer",
    "discount_rate": "Discounts",
    "return_rate": "Returns",
    "unlinked_return_rate": "Returns without a receipt",
    "repeat_sales_share": "Sales of later orders",
    "campaign_sales_share": "Sales after a campaign",
    "new_customers": "New customers",
    "returning_customer_rate": "Returning buyers",
    "active_customers_90d": "Active customers, 90 days",
    "repeat_purchase_rate": "Bought twice or more",
    "F2_rate": "Second purchase (F2)",
    "omni_share": "Buy in two channels",
    "dormant_share": "Dormant customers",
    "churn_rate": "Churn, this month",
    "reactivation_rate": "Won back, this month",
    "members": "Members",
    "members_net_add": "Members added",
    "email_human_open_rate": "E-mail opened",
    "ctr": "E-mail clicked",
    "unsub_rate": "E-mail unsubscribed",
    "hard_bounce_rate": "E-mail undeliverable",
    "tickets": "Tickets",
    "complaint_rate": "Complaints per 1,000 receipts",
    "first_reply_p50": "First reply, median",
    "full_resolution_p50": "Full resolution, median",
    "csat": "Content with support (CSAT)",
    "nps": "NPS",
    # States of a target, verdicts of a campaign, grades of evidence
    "on_track": "on track",
    "behind": "behind",
    "met": "met",
    "missed": "missed",
    "no_rule": "no rule written",
    "not_registered_before_send": "rule written too late",
    "not_measurable": "not measurable",
    "other": "not judged",
    "too_early": "too early to tell",
    "unknown_metric": "metric not known",
    "randomised": "drawn by lot",
    "matched": "matched",
    "before_after_only": "no hold-out",
    # Channels
    "all": "all",
    "store": "Store",
    "ec": "Online shop",
    "app": "App",
    "email": "E-mail",
    "line": "LINE",
    "sms": "SMS",
    "dm": "Post",
    "coupon": "Coupon",
    "event": "Event",
    "chat": "Chat",
    "phone": "Phone",
    "web": "Web form",
    # What figures rest on
    "sales": "Sales",
    "memberships": "Memberships",
    "messages": "Messages sent",
    "support": "Support tickets",
    "surveys": "Survey answers",
}


_SEGMENTS = {"new": "{channel}, new", "existing": "{channel}, members before"}
"""Segments of lifetime value: the channel of the first order, and whether already a member."""


def said(code: str, words: Words) -> str:
    """A code in people's words, itself where nobody named it."""
    if code in NAMES:
        return words(NAMES[code])
    channel, _, kind = code.rpartition("-")
    if channel in NAMES and kind in _SEGMENTS:
        return words(_SEGMENTS[kind], channel=words(NAMES[channel]))
    return code
