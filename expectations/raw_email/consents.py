"""Consents as they arrived; what the contract says is all there is to check."""

from expectations.contract_rules import raw_suite

SUITE = raw_suite("raw_email.consents")
