"""People known to the help desk."""

from expectations.contract_rules import staging_suite
from expectations.model import refers_to

SUITE = staging_suite(
    "stg_support__requesters",
    refers_to(
        "member_id",
        "staging.stg_pos__members",
        "member_id",
        explain="Requesters who name a member that the register does not hold; they count as a "
        "member all the same. Send the file of members.",
    ),
)
