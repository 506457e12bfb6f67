"""Payments that came with the current version of their receipt."""

from expectations.contract_rules import staging_suite
from expectations.drift import share_drift
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
    share_drift(
        "methods_steady",
        "select receipts.business_date as day, payments.method as subject, count(*) as part, "
        "count(*) as row_count from {table} as payments "
        "inner join staging.stg_pos__receipts as receipts using (receipt_id) "
        "where receipts.business_date > {as_of} - 63 group by all",
        "A method of payment is far more or less frequent than in the eight weeks before: does the "
        "register still name methods as before? Map them in the configuration of the feed.",
    ),
)
