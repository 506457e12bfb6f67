"""Attendances of events."""

from expectations.contract_rules import staging_suite
from expectations.model import not_null, refers_to

SUITE = staging_suite(
    "stg_email__attendances",
    not_null("action_date"),
    refers_to(
        "campaign_id",
        "staging.stg_email__campaigns",
        "campaign_id",
        explain="Attendances at events of campaigns that never arrived; they count for no "
        "campaign. Send the file of campaigns.",
    ),
    refers_to(
        "store_id",
        "staging.stg_pos__stores",
        "store_id",
        explain="Attendances in stores that never arrived; they count for no store. "
        "Send the file of stores.",
    ),
)
