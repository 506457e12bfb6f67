"""Recipients as the mail tool sent them."""

from expectations.contract_rules import raw_suite
from expectations.model import Severity, no_rows

SUITE = raw_suite(
    "raw_email.subscribers",
    no_rows(
        "verified_before_update",
        "email_verified_at > updated_at",
        "An address was verified after the last change of its row: the feed may send stale rows.",
        severity=Severity.WARNING,
    ),
)
