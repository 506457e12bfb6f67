"""Current stores."""

from expectations.contract_rules import staging_suite
from expectations.model import not_null

SUITE = staging_suite(
    "stg_pos__stores",
    not_null("day_cutover_hour"),
)
