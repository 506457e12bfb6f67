"""Messages of tickets."""

from expectations.contract_rules import staging_suite
from expectations.model import refers_to

SUITE = staging_suite(
    "stg_support__messages",
    refers_to(
        "ticket_id",
        "staging.stg_support__tickets",
        "ticket_id",
        explain="Messages of tickets that never arrived; they are counted nowhere. Ask for the "
        "tickets.",
    ),
)
