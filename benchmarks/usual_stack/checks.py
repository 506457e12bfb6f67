"""Great Expectations on data frames: the table is fetched whole and checked in pandas."""

from __future__ import annotations

from pathlib import Path

import duckdb
import great_expectations as gx
from great_expectations import expectations as e

SUITES = {
    "raw_pos.receipts": [
        e.ExpectColumnValuesToNotBeNull(column="receipt_id"),
        e.ExpectColumnValuesToNotBeNull(column="store_id"),
        e.ExpectColumnValuesToBeInSet(
            column="receipt_type", value_set=["sale", "return", "void", "training"]
        ),
    ],
    "raw_pos.receipt_lines": [
        e.ExpectColumnValuesToNotBeNull(column="receipt_id"),
        e.ExpectColumnValuesToNotBeNull(column="product_id"),
        e.ExpectColumnValuesToMatchRegex(column="quantity", regex=r"^-?\d+(\.\d+)?$"),
    ],
    "raw_pos.members": [
        e.ExpectColumnValuesToNotBeNull(column="member_id"),
        e.ExpectColumnValuesToNotBeNull(column="updated_at"),
    ],
    "raw_email.events": [e.ExpectColumnValuesToNotBeNull(column="occurred_at")],
    "marts.fct_orders": [
        e.ExpectColumnValuesToBeUnique(column="receipt_id"),
        e.ExpectColumnValuesToNotBeNull(column="business_date"),
    ],
    "marts.rfm": [
        e.ExpectColumnValuesToBeUnique(column="member_id"),
        e.ExpectColumnValuesToBeBetween(column="r_score", min_value=1, max_value=5),
        e.ExpectColumnValuesToBeBetween(column="f_score", min_value=1, max_value=5),
        e.ExpectColumnValuesToBeBetween(column="m_score", min_value=1, max_value=5),
    ],
    "marts.customer_360": [
        e.ExpectColumnValuesToBeUnique(column="member_id"),
        e.ExpectColumnValuesToNotBeNull(column="member_id"),
    ],
}


def check(table: str, warehouse: Path) -> tuple[bool, str]:
    """Whether a table keeps its expectations, and what was found."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        frame = connection.execute(f"from {table}").df()
    context = gx.get_context(mode="ephemeral")
    batch = (
        context.data_sources.add_pandas("pandas")
        .add_dataframe_asset(name=table)
        .add_batch_definition_whole_dataframe("all")
        .get_batch({"dataframe": frame})
    )
    suite = gx.ExpectationSuite(name=table, expectations=SUITES[table])
    result = batch.validate(suite)
    return bool(result.success), str(result.statistics)
