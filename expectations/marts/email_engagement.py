"""Readers of e-mails: one row a person, bands as their dates say, nobody lost."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.model import Severity, in_set, no_result, no_rows, not_null

SUITE = mart_suite(
    "email_engagement",
    ("customer_key",),
    known_customers(),
    not_null("email_status"),
    in_set(
        "email_status",
        ("subscribed", "unsubscribed", "bounced", "complained", "none"),
        acceptable=False,
    ),
    not_null("engagement_band"),
    in_set("engagement_band", ("engaged", "warm", "cooling", "cold", "none"), acceptable=False),
    in_set(
        "suppression_reason",
        ("complaint", "unsubscribe", "hard_bounce", "soft_bounces"),
        acceptable=False,
    ),
    no_rows(
        "counts_not_negative",
        "least(delivered_30d, delivered_90d, delivered_365d, human_opens_90d, machine_opens_90d, "
        "clicks_90d, soft_bounces_in_a_row) < 0",
        "A count is negative: report it.",
        acceptable=False,
    ),
    no_rows(
        "windows_are_nested",
        "delivered_30d > delivered_90d or delivered_90d > delivered_365d "
        "or clicks_90d > human_opens_90d or last_click_at > last_human_open_at",
        "A shorter window holds more messages than a longer one, or a click was not counted as an "
        "open: report it.",
        acceptable=False,
    ),
    no_rows(
        "suppressed_for_a_reason",
        "is_suppressed is distinct from (suppression_reason is not null)",
        "Somebody is suppressed without a reason, or has a reason and is not: report it.",
        acceptable=False,
    ),
    no_rows(
        "who_left_is_suppressed",
        "email_status in ('unsubscribed', 'complained') and not is_suppressed",
        "The mail tool says that somebody left, but a consent is dated later than that: ask which "
        "of the two is right.",
        severity=Severity.WARNING,
    ),
    no_rows(
        "bands_as_opens_say",
        "(engagement_band in ('engaged', 'warm')) <> (human_opens_90d > 0) "
        "or (engagement_band = 'none' and delivered_365d > 0)",
        "A band contradicts the opens of 90 days: report it.",
        acceptable=False,
    ),
    no_result(
        "subscribers_have_a_row",
        "select customer_key from marts.dim_customer as customers where has_email "
        "and not is_internal and not is_inferred and not exists "
        "(select 1 from {table} as here where here.customer_key = customers.customer_key)",
        "A customer of the mail tool is missing: report it.",
    ),
    has_customer_key=True,
)
