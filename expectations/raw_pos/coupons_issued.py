"""Coupons handed out, as the register sent them."""

from expectations.contract_rules import raw_suite
from expectations.model import Severity, no_rows

SUITE = raw_suite(
    "raw_pos.coupons_issued",
    no_rows(
        "expires_after_issue",
        "expires_at < issued_at",
        "A coupon expired before it was issued. Check the dates at the source.",
        severity=Severity.WARNING,
    ),
)
