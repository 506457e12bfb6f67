"""Customers: one row a person, by an opaque key, nothing personal."""

from expectations.mart_rules import mart_suite
from expectations.model import Severity, in_set, no_rows, not_null

AGE_BANDS = ("0-19", "20-29", "30-39", "40-49", "50-59", "60-69", "70+")

SUITE = mart_suite(
    "dim_customer",
    ("customer_key",),
    not_null("is_member"),
    not_null("is_internal"),
    not_null("is_inferred"),
    in_set("age_band", AGE_BANDS, acceptable=False),
    no_rows(
        "source_counts_agree",
        "n_source_ids < n_source_systems or n_source_systems <> "
        "cast(has_pos as integer) + cast(has_email as integer) + cast(has_support as integer)",
        "The number of source systems differs from the systems that are flagged: report it.",
        acceptable=False,
    ),
    no_rows(
        "inferred_customers",
        "is_inferred",
        "Sales or tickets name people that no master holds; they are kept, without attributes.",
        severity=Severity.WARNING,
    ),
    text_columns=("member_tier", "home_store_id", "gender", "prefecture", "occupation"),
    has_customer_key=True,
)
