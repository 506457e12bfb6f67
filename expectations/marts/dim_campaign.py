"""Campaigns: one row each, whoever named them."""

from expectations.mart_rules import mart_suite
from expectations.model import Severity, in_set, no_result, no_rows, not_null

CHANNELS = ("email", "line", "sms", "dm", "coupon", "event")

SUITE = mart_suite(
    "dim_campaign",
    ("campaign_id",),
    in_set("channel", CHANNELS, acceptable=False),
    not_null("first_sent_at"),
    not_null("sent_date"),
    not_null("has_holdout"),
    not_null("is_inferred"),
    no_rows(
        "sends_in_order",
        "first_sent_at > last_sent_at or sent_date > last_sent_date",
        "A campaign's last send lies before its first: report it.",
        acceptable=False,
    ),
    no_rows(
        "registered_before_the_first_send",
        "(registered_before_send is null) <> (success_metric is null or success_threshold is null) "
        "or registered_before_send <> coalesce(success_registered_at < first_sent_at, false)",
        "registered_before_send does not say whether the rule was set before the first send: "
        "report it.",
        acceptable=False,
    ),
    no_rows(
        "costs_not_negative",
        "cost < 0",
        "A campaign has a negative cost. Correct it in the mail tool's list of campaigns.",
        severity=Severity.WARNING,
    ),
    no_result(
        "every_campaign_named_is_here",
        "select campaign_id from (select campaign_id from marts.campaign_attribution union "
        "select campaign_id from marts.fct_campaign_contact union "
        "select campaign_id from marts.campaign_performance) as named "
        "where campaign_id not in (select campaign_id from {table})",
        "A table names a campaign that dim_campaign lacks, so a join would lose rows: report it.",
    ),
    no_rows(
        "list_of_campaigns_complete",
        "is_inferred",
        "Messages, audiences or coupons name a campaign that the list of campaigns lacks; its "
        "name, cost and channel are unknown. Send the list again with it.",
        severity=Severity.WARNING,
    ),
    dates=("sent_date", "last_sent_date"),
    text_columns=("campaign_name", "subject", "success_metric"),
)
