"""Changes of tickets as the help desk sent them."""

from expectations.contract_rules import raw_suite

SUITE = raw_suite("raw_support.ticket_events")
