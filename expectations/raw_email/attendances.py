"""Attendances of events as they arrived."""

from expectations.contract_rules import raw_suite
from expectations.model import Severity, no_rows

SUITE = raw_suite(
    "raw_email.attendances",
    no_rows(
        "someone_is_named",
        "subscriber_id is null and member_id is null",
        "A row names neither a recipient nor a member; it belongs to no customer. "
        "Send member_id or subscriber_id with it, where the guest is known.",
        severity=Severity.WARNING,
    ),
)
