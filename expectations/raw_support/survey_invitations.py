"""Invitations to surveys as they arrived."""

from expectations.contract_rules import raw_suite
from expectations.model import Severity, no_rows

SUITE = raw_suite(
    "raw_support.survey_invitations",
    no_rows(
        "someone_is_named",
        "requester_id is null and member_id is null",
        "An invitation names nobody; it counts in the response rate and for no customer. "
        "Send requester_id or member_id with it.",
        severity=Severity.WARNING,
    ),
)
