"""The keys of staging that a night works out."""

from expectations.model import Suite, not_null, unique

SUITE = Suite(
    "staging.stg_touched_keys",
    ("table_name", "key_value"),
    (unique(("table_name", "key_value")), not_null("table_name"), not_null("key_value")),
)
