"""Payments that came with the current version of their receipt."""

from expectations.contract_rules import staging_suite
from expectations.model import refers_to

SUITE = staging_suite(
    "stg_pos__payments",
    refers_to(
        "receipt_id",
        "staging.stg_pos__receipts",
        "receipt_id",
        explain="Payments of receipts that never arrived; they are counted nowhere. Ask for the "
        "receipts.",
    ),
)
