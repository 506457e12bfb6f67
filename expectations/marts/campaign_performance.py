"""Campaigns: what was sent is what arrived and what came back, rates are shares, verdicts fit."""

from expectations.mart_rules import mart_suite, share
from expectations.model import in_set, no_result, no_rows, not_null

CHANNELS = ("email", "line", "sms", "dm", "coupon", "event")
VERDICTS = (
    "met",
    "missed",
    "too_early",
    "not_registered_before_send",
    "no_rule",
    "unknown_metric",
    "not_measurable",
)
RATES = {
    "delivery_rate": ("delivered", "sent"),
    "open_rate_human": ("unique_human_open", "delivered"),
    "open_rate_all": ("unique_human_open + unique_machine_only_open", "delivered"),
    "machine_only_share": (
        "unique_machine_only_open",
        "unique_human_open + unique_machine_only_open",
    ),
    "click_rate": ("unique_click", "delivered"),
    "hard_bounce_rate": ("bounced_hard", "sent"),
    "soft_bounce_rate": ("bounced_soft", "sent"),
    "unsub_rate": ("unsub", "delivered"),
    "complaint_rate": ("complaint", "delivered"),
}
LATE_RATES = {
    "conversion_rate": ("converters", "delivered"),
    "revenue_per_recipient": ("attributed_net_sales", "delivered"),
    "redemption_rate": ("redeemed", "issued"),
}
GRADES = ("randomised", "matched", "before_after_only")


SUITE = mart_suite(
    "campaign_performance",
    ("campaign_id", "variant", "segment"),
    in_set("channel", CHANNELS, acceptable=False),
    in_set("verdict", VERDICTS, acceptable=False),
    not_null("verdict"),
    not_null("sent_date"),
    no_rows(
        "sent_adds_up",
        "delivered + bounced_hard + bounced_soft <> sent or sent + dropped + holdout > audience "
        "or least(delivered, bounced_hard, bounced_soft, dropped, holdout) < 0",
        "What was sent must be what was delivered and what came back, and all of it within the "
        "audience: report it.",
        acceptable=False,
    ),
    no_rows(
        "reactions_within_delivered",
        "unique_human_open + unique_machine_only_open > delivered "
        "or unique_click > unique_human_open or unsub > delivered or complaint > delivered",
        "More people reacted than were reached, or a click was not counted as an open: report it.",
        acceptable=False,
    ),
    no_rows(
        "rates_are_ratios",
        " or ".join(
            f"({rate} is not null and not coalesce(({base}) > 0 "
            f"and abs({rate} - cast({top} as double) / ({base})) <= {{rate_tolerance}}, false))"
            for rate, (top, base) in (RATES | LATE_RATES).items()
        ),
        "A rate is not its numerator divided by its denominator: report it.",
        acceptable=False,
    ),
    *(share(rate) for rate in (*RATES, "click_to_open_rate", "conversion_rate", "redemption_rate")),
    no_rows(
        "lower_bound_below_upper",
        "open_rate_human > open_rate_all",
        "What people opened cannot be more than what was opened at all: report it.",
        acceptable=False,
    ),
    no_rows(
        "judged_only_by_rules_of_before",
        "(met_target is not null) <> (verdict in ('met', 'missed')) "
        "or (met_target is not null and (not coalesce(registered_before_send, false) "
        "or success_value is null or registered_at >= first_sent_at))",
        "A campaign was judged by a rule that was not set before its first send: report it.",
        acceptable=False,
    ),
    no_rows(
        "unfinished_is_null",
        "not is_complete and coalesce(conversion_rate, revenue_per_recipient, redemption_rate) "
        "is not null",
        "A rate of orders or coupons is told while more of them may come: report it.",
        acceptable=False,
    ),
    no_rows(
        "parts_within_wholes",
        "converters > delivered or converters > attributed_orders or redeemed > issued "
        "or least(converters, attributed_orders, attributed_net_sales, redeemed) < 0",
        "More people bought than were reached or than there are orders, or more coupons came back "
        "than were handed out: report it.",
        acceptable=False,
    ),
    in_set("evidence_grade", GRADES, acceptable=False),
    not_null("evidence_grade"),
    no_result(
        "whole_of_every_campaign",
        "select campaign_id, variant, segment from {table} as here where not exists (select 1 from "
        "{table} as whole where whole.campaign_id = here.campaign_id and whole.variant = 'all' "
        "and whole.segment = 'all' and whole.audience >= here.audience "
        "and whole.attributed_orders >= here.attributed_orders and whole.issued >= here.issued)",
        "A campaign lacks its row as a whole, or a part of it has more than it: report it.",
    ),
    dates=("sent_date",),
    text_columns=("campaign_name", "variant", "segment", "success_metric"),
)
