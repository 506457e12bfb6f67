"""Payments as the register sent them: amounts must be plausible."""

from expectations.contract_rules import raw_suite
from expectations.model import between

SUITE = raw_suite(
    "raw_pos.payments",
    between("amount", "-{max_receipt_amount}", "{max_receipt_amount}"),
)
