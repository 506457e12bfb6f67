"""Coupons handed to members."""

from expectations.contract_rules import staging_suite
from expectations.model import refers_to

SUITE = staging_suite(
    "stg_pos__coupons_issued",
    refers_to(
        "campaign_id",
        "staging.stg_email__campaigns",
        "campaign_id",
        explain="Coupons of campaigns that the mail tool did not send.",
    ),
)
