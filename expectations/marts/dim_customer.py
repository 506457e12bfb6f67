"""Customers: one row a person, by an opaque key, nothing personal."""

from expectations.kept import customers_kept
from expectations.mart_rules import mart_suite
from expectations.model import Severity, in_set, no_rows, not_null

AGE_BANDS = ("0-19", "20-29", "30-39", "40-49", "50-59", "60-69", "70+")
TEXT_ATTRIBUTES = ("gender", "prefecture", "postal_area", "occupation", "member_tier")
"""Attributes whose text comes from a source as it is."""
SURVIVING = (*TEXT_ATTRIBUTES, "age_band", "home_store_id")
"""Attributes that say which source gave them, and as of when."""


def _without_origin(attribute: str) -> str:
    return (
        f"({attribute} is null) <> ({attribute}_source is null) "
        f"or ({attribute} is null) <> ({attribute}_as_of is null)"
    )


SUITE = mart_suite(
    "dim_customer",
    ("customer_key",),
    not_null("is_member"),
    not_null("is_internal"),
    not_null("is_inferred"),
    in_set("age_band", AGE_BANDS, acceptable=False),
    no_rows(
        "attributes_have_an_origin",
        " or ".join(map(_without_origin, SURVIVING)),
        "An attribute has a value without its source and date, or these without a value: report "
        "it.",
        acceptable=False,
    ),
    no_rows(
        "postal_area_is_three_digits",
        "not regexp_full_match(postal_area, '[0-9]{3}')",
        "postal_area is more, or other, than the first three digits of a postal code: report it.",
        acceptable=False,
    ),
    no_rows(
        "other_keys_opaque",
        "not regexp_full_match(account_key, 'a[0-9a-f]{24}') "
        "or not regexp_full_match(household_key, 'h[0-9a-f]{24}')",
        "The key of a company or a household is not the opaque one that the warehouse makes: "
        "report it.",
        acceptable=False,
    ),
    no_rows(
        "nobody_left_who_is_a_member",
        "is_member and left_on <= {as_of}",
        "A member has left: the memberships of one person do not agree. Report it.",
        acceptable=False,
    ),
    no_rows(
        "source_counts_agree",
        "n_source_ids < n_source_systems or n_source_systems <> "
        "cast(has_pos as integer) + cast(has_email as integer) + cast(has_support as integer)",
        "The number of source systems differs from the systems that are flagged: report it.",
        acceptable=False,
    ),
    *customers_kept(),
    no_rows(
        "inferred_customers",
        "is_inferred",
        "Sales or tickets name people that no master holds; they are kept, without attributes. "
        "Send the master of members or requesters.",
        severity=Severity.WARNING,
    ),
    text_columns=(*TEXT_ATTRIBUTES, "home_store_id"),
    has_customer_key=True,
)
