"""Events of messages as the mail tool sent them."""

from expectations.contract_rules import raw_suite
from expectations.model import Severity, no_rows
from expectations.volumes import newest_age

SUITE = raw_suite(
    "raw_email.events",
    no_rows(
        "campaign_id_present",
        "campaign_id is null",
        "An event names no campaign; it counts for the person and for no campaign. "
        "Map the mail tool's campaign id if it has one.",
        severity=Severity.WARNING,
    ),
    *newest_age("occurred_at", "email", what="event"),
)
