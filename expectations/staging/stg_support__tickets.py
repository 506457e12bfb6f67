"""Current tickets."""

from expectations.contract_rules import staging_suite
from expectations.model import not_null, refers_to

SUITE = staging_suite(
    "stg_support__tickets",
    not_null("created_date"),
    refers_to(
        "requester_id",
        "staging.stg_support__requesters",
        "requester_id",
        explain="Tickets of people that never arrived; each becomes a customer of its own. "
        "Send the file of requesters.",
    ),
    refers_to(
        "store_id",
        "staging.stg_pos__stores",
        "store_id",
        explain="Tickets about stores that the master does not hold. Send the master of stores.",
    ),
    refers_to(
        "merged_into_ticket_id",
        "staging.stg_support__tickets",
        "ticket_id",
        explain="Tickets merged into one that never arrived. Send that ticket.",
    ),
)
