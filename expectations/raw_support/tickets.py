"""Tickets as the help desk sent them."""

from expectations.contract_rules import raw_suite
from expectations.model import Severity, no_rows
from expectations.volumes import newest_age

SUITE = raw_suite(
    "raw_support.tickets",
    no_rows(
        "updated_after_creation",
        "updated_at < created_at",
        "A ticket changed before it was created. Check the time zone of the feed.",
        severity=Severity.WARNING,
    ),
    *newest_age("updated_at", "support", what="ticket change"),
    no_rows(
        "not_merged_into_itself",
        "merged_into_ticket_id = ticket_id",
        "A ticket is merged into itself, so it would vanish. Correct it in the help desk.",
    ),
)
