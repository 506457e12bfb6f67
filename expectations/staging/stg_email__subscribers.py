"""Current recipients."""

from expectations.contract_rules import staging_suite
from expectations.drift import null_drift
from expectations.model import refers_to

SUITE = staging_suite(
    "stg_email__subscribers",
    null_drift(
        "{table}",
        "cast(updated_at as date)",
        ("email_hash", "member_id"),
        "A column of the recipients that changed last is filled far less or more often than in the "
        "eight weeks before. Was it renamed in the mail tool? Look at the last week's rows.",
        days=7,
    ),
    refers_to(
        "member_id",
        "staging.stg_pos__members",
        "member_id",
        explain="Recipients who name a member that the register does not hold; they count as a "
        "member all the same. Send the file of members.",
    ),
)
