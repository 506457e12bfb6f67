"""Audiences of campaigns, hold-outs included."""

from expectations.contract_rules import staging_suite
from expectations.model import not_null, refers_to

SUITE = staging_suite(
    "stg_email__contacts",
    not_null("is_holdout"),
    refers_to(
        "campaign_id",
        "staging.stg_email__campaigns",
        "campaign_id",
        explain="Audiences of campaigns that never arrived; they count for no campaign. "
        "Send the file of campaigns.",
    ),
    sort=True,
)
