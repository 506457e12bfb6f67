"""Every raw row is accounted for: staged, superseded by a newer version, or deleted."""

from expectations.model import Suite, no_rows, not_null, reconciles, row_count_between, unique
from ingestion.contract import all_tables

TABLES = len(all_tables())

SUITE = Suite(
    "staging.stg_row_accounting",
    ("table_name",),
    (
        unique(("table_name",)),
        not_null("table_name"),
        row_count_between(
            TABLES,
            TABLES,
            explain="A table of the feed contract is missing from the row accounting, so its rows "
            "are not watched. Add it to the model.",
            acceptable=False,
        ),
        no_rows(
            "rows_add_up",
            "raw_rows is distinct from staged_rows + superseded_rows + deleted_rows",
            "Raw rows are neither staged, superseded nor deleted: some were lost or doubled on the "
            "way. This is a fault in staging: report it.",
            acceptable=False,
        ),
        no_rows(
            "no_negative_counts",
            "least(raw_rows, staged_rows, superseded_rows, deleted_rows) < 0",
            "A count of rows is negative, so the accounting itself is wrong: report it.",
            acceptable=False,
        ),
        reconciles(
            "raw_rows_equal_ledger",
            "select sum(raw_rows) from {table}",
            "select sum(rows_stored) from ledger.files",
            "Staging read another number of raw rows than the loads stored: report it.",
        ),
    ),
)
