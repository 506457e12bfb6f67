"""Campaigns as the mail tool sent them."""

from expectations.contract_rules import raw_suite
from expectations.model import Severity, between, no_rows

SUITE = raw_suite(
    "raw_email.campaigns",
    between("cost", 0, "{max_campaign_cost}"),
    no_rows(
        "rule_set_before_sending",
        "success_registered_at > sent_at",
        "The rule for success was set after the send, so its verdict proves nothing.",
        severity=Severity.WARNING,
    ),
)
