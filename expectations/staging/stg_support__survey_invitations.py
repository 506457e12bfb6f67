"""Invitations to surveys; what the contract says is all there is to check."""

from expectations.contract_rules import staging_suite

SUITE = staging_suite("stg_support__survey_invitations")
