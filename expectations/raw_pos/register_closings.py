"""Register closings as they arrived: the control totals that gate 2 compares with."""

from expectations.contract_rules import raw_suite
from expectations.model import Severity, between

SUITE = raw_suite(
    "raw_pos.register_closings",
    between("receipt_count", 0, None),
    between("sales_inc_tax", "-{max_receipt_amount}", "{max_receipt_amount}"),
    between(
        "returns_inc_tax",
        None,
        0,
        name="returns_not_positive",
        severity=Severity.WARNING,
        explain="Returns of a closing must be negative; the feed may send them without their sign.",
    ),
)
