"""Which receipts count, in SQL that stands apart from the models that it checks."""

COUNTED = (
    "select receipts.* from staging.stg_pos__receipts as receipts "
    "where receipts.receipt_type in ('sale', 'return') and receipts.business_date <= {as_of} "
    # No "not exists": the engine would look each receipt up in a table of all.
    "and coalesce(receipts.receipt_id not in (select voids.original_receipt_id "
    "from staging.stg_pos__receipts as voids "
    "where voids.receipt_type = 'void' and voids.business_date <= {as_of} "
    "and voids.original_receipt_id is not null), true)"
)
"""Sales and returns on or before the as-of date that no void of that time names."""
