"""Ratings as the help desk sent them: 1 to 5, after the offer."""

from expectations.contract_rules import raw_suite
from expectations.model import Severity, between, no_rows

SUITE = raw_suite(
    "raw_support.satisfaction_ratings",
    between("score", 1, 5),
    no_rows(
        "rated_after_offer",
        "rated_at < offered_at",
        "A ticket was rated before the rating was offered. Check the time zone of the feed.",
        severity=Severity.WARNING,
    ),
)
