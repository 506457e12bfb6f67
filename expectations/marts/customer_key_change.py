"""Merges, splits and moves of customers."""

from expectations.mart_rules import mart_suite
from expectations.model import between, in_set, no_result, no_rows, not_null

SUITE = mart_suite(
    "customer_key_change",
    ("change_number",),
    not_null("old_customer_key"),
    not_null("new_customer_key"),
    in_set("change_type", ("merge", "split", "move"), acceptable=False),
    between("n_records", "1", None),
    no_rows(
        "a_change_changes_the_key",
        "old_customer_key = new_customer_key",
        "A change must lead from one key to another: report it.",
        acceptable=False,
    ),
    no_result(
        "both_keys_were_given",
        "select old_customer_key from {table} except "
        "select customer_key from intermediate.int_customer_anchors union all "
        "(select new_customer_key from {table} except "
        "select customer_key from intermediate.int_customer_anchors)",
        "A change names a key that the identity ledger never gave: report it.",
        row_id=("old_customer_key",),
    ),
    dates=("changed_on",),
)
