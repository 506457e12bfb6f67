"""Coupon redemptions as the register sent them."""

from expectations.contract_rules import raw_suite
from expectations.model import between

SUITE = raw_suite(
    "raw_pos.coupon_redemptions",
    between("discount_amount", "-{max_line_amount}", "{max_line_amount}"),
)
