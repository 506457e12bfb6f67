"""Current members."""

from expectations.contract_rules import staging_suite
from expectations.model import not_null, refers_to

SUITE = staging_suite(
    "stg_pos__members",
    not_null("is_internal"),
    refers_to(
        "home_store_id",
        "staging.stg_pos__stores",
        "store_id",
        explain="Members whose home store the master does not hold. Send the master of stores.",
    ),
)
