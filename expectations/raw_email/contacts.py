"""Audiences as they arrived: every row must name a person."""

from expectations.contract_rules import raw_suite
from expectations.model import no_rows

SUITE = raw_suite(
    "raw_email.contacts",
    no_rows(
        "someone_is_named",
        "subscriber_id is null and member_id is null",
        "A row names neither a recipient nor a member, so it belongs to nobody. Correct the feed.",
        acceptable=False,
    ),
)
