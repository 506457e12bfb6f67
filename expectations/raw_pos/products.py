"""Products as the register sent them: prices and tax rates must be plausible."""

from expectations.contract_rules import raw_suite
from expectations.model import Severity, between

SUITE = raw_suite(
    "raw_pos.products",
    between("tax_rate", 0, "{max_tax_rate}"),
    between("list_price", 0, "{max_unit_price}", severity=Severity.WARNING),
    between("unit_cost", 0, "{max_unit_price}", severity=Severity.WARNING),
)
