"""Follows, blocks and account links in LINE, as they arrived."""

from expectations.contract_rules import raw_suite
from expectations.model import Severity, no_rows

SUITE = raw_suite(
    "raw_support.chat_links",
    no_rows(
        "linked_account_is_named",
        "action = 'link_account' and member_id is null",
        "An account was linked to no member, so the link says nothing. Send member_id with it.",
        severity=Severity.WARNING,
    ),
)
