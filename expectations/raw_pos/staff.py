"""Staff as the register sent them; what the contract says is all there is to check."""

from expectations.contract_rules import raw_suite

SUITE = raw_suite("raw_pos.staff")
