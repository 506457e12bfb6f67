"""Products, the inferred ones included."""

from expectations.mart_rules import mart_suite
from expectations.model import Severity, no_rows, not_null

SUITE = mart_suite(
    "dim_product",
    ("product_id",),
    not_null("is_inferred"),
    not_null("is_merchandise"),
    no_rows(
        "inferred_products",
        "is_inferred",
        "Sales name products that the master lacks; they are kept, without category and cost. Send "
        "the master of products.",
        severity=Severity.WARNING,
    ),
)
