"""Receipts as the register sent them: amounts plausible, feed fresh."""

from expectations.contract_rules import raw_suite
from expectations.model import Rule, Severity, between

SUITE = raw_suite(
    "raw_pos.receipts",
    between("total_inc_tax", "-{max_receipt_amount}", "{max_receipt_amount}"),
    between("tax_total", "-{max_receipt_amount}", "{max_receipt_amount}"),
    between("discount_total", "-{max_receipt_amount}", "{max_receipt_amount}"),
    between("points_used", "-{max_receipt_amount}", "{max_receipt_amount}"),
    between("customer_count", 0, "{max_customer_count}", severity=Severity.WARNING),
    Rule(
        "newest_receipt_age_days",
        "coalesce(date_diff('hour', max(closed_at), {now}) / 24.0, 0)",
        "No receipt is newer than that many days before the run: an export may have stopped. Check "
        "the delivery of the feed.",
        high="max_receipt_age_days",
        severity=Severity.WARNING,
        acceptable=True,
    ),
)
