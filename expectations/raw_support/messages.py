"""Messages as the help desk sent them; their text stands in pii alone."""

from expectations.contract_rules import raw_suite

SUITE = raw_suite("raw_support.messages")
