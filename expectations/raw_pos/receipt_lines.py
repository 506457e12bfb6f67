"""Lines as the register sent them: amounts, quantities and rates must be plausible."""

from expectations.contract_rules import raw_suite
from expectations.model import between

SUITE = raw_suite(
    "raw_pos.receipt_lines",
    between("line_amount", "-{max_line_amount}", "{max_line_amount}"),
    between("discount_amount", "-{max_line_amount}", "{max_line_amount}"),
    between("tax_amount", "-{max_line_amount}", "{max_line_amount}"),
    between("quantity", "-{max_quantity}", "{max_quantity}"),
    between("unit_price", "-{max_unit_price}", "{max_unit_price}"),
    between("tax_rate", 0, "{max_tax_rate}"),
)
