"""Stores, the inferred ones included."""

from expectations.mart_rules import mart_suite
from expectations.model import Severity, in_set, no_rows, not_null

SUITE = mart_suite(
    "dim_store",
    ("store_id",),
    not_null("is_inferred"),
    not_null("timezone"),
    not_null("currency"),
    not_null("day_cutover_hour"),
    in_set("channel", ("store", "ec", "app"), acceptable=False),
    no_rows(
        "inferred_stores",
        "is_inferred",
        "Sales name stores that the master lacks; they are kept, without name and channel. Send "
        "the master of stores.",
        severity=Severity.WARNING,
    ),
)
