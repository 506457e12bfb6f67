"""Coupon redemptions."""

from expectations.contract_rules import staging_suite
from expectations.model import refers_to

SUITE = staging_suite(
    "stg_pos__coupon_redemptions",
    refers_to(
        "receipt_id",
        "staging.stg_pos__receipts",
        "receipt_id",
        explain="Redemptions on receipts that never arrived. Ask for the receipts.",
    ),
    refers_to(
        "campaign_id",
        "staging.stg_email__campaigns",
        "campaign_id",
        explain="Redemptions of campaigns that the mail tool did not send.",
    ),
)
