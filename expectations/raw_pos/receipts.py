"""Receipts as the register sent them: amounts plausible, feed fresh."""

from expectations.contract_rules import raw_suite
from expectations.model import Severity, between
from expectations.volumes import newest_age

SUITE = raw_suite(
    "raw_pos.receipts",
    between("total_inc_tax", "-{max_receipt_amount}", "{max_receipt_amount}"),
    between("tax_total", "-{max_receipt_amount}", "{max_receipt_amount}"),
    between("discount_total", "-{max_receipt_amount}", "{max_receipt_amount}"),
    between("points_used", "-{max_receipt_amount}", "{max_receipt_amount}"),
    between("customer_count", 0, "{max_customer_count}", severity=Severity.WARNING),
    *newest_age("closed_at", "receipt", what="receipt"),
)
