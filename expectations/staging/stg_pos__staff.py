"""Current staff."""

from expectations.contract_rules import staging_suite
from expectations.model import refers_to

SUITE = staging_suite(
    "stg_pos__staff",
    refers_to(
        "store_id",
        "staging.stg_pos__stores",
        "store_id",
        explain="Staff of a store that the master does not hold. Send the master of stores.",
    ),
)
