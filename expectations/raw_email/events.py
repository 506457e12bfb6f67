"""Events of messages as the mail tool sent them."""

from expectations.contract_rules import raw_suite
from expectations.model import Severity, no_rows

SUITE = raw_suite(
    "raw_email.events",
    no_rows(
        "campaign_id_present",
        "campaign_id is null",
        "An event names no campaign; it counts for the person and for no campaign.",
        severity=Severity.WARNING,
    ),
)
