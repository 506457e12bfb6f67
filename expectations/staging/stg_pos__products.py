"""Current products."""

from expectations.contract_rules import staging_suite
from expectations.model import not_null

SUITE = staging_suite(
    "stg_pos__products",
    not_null("is_merchandise"),
)
