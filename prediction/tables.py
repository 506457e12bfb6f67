"""Tables of schema `prediction`: made empty with the warehouse, written by every fit.

Times in `clv_params` are weeks, in `clv_growth` days.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

TABLES = {
    "clv_params": """
        segment varchar, parent_segment varchar, as_of_date date, fit_date date, model varchar,
        r double, alpha double, a double, b double, purchase_log_likelihood double,
        customers bigint, p double, q double, gamma double, spend_scale double,
        spend_log_likelihood double, repeat_customers bigint, status varchar, message varchar
    """,
    "clv_growth": """
        segment varchar, repeat_days bigint, days_observed bigint, horizon_days bigint,
        growth double
    """,
    "sbg_params": """
        membership_months bigint, as_of_date date, alpha double, beta double,
        log_likelihood double, memberships bigint, memberships_left bigint, status varchar,
        message varchar
    """,
    "sbg_curve": """
        membership_months bigint, term bigint, retention double, survival double,
        expected_renewals double
    """,
    "model_backtest": """
        model varchar, segment varchar, bucket_type varchar, bucket varchar, fit_until date,
        predicted_until date, horizon_days bigint, customers bigint, actual_orders bigint,
        predicted_orders double, actual_to_predicted double, mae double, rmse double, bias double,
        naive_orders double, naive_mae double, actual_net_sales double, predicted_net_sales double
    """,
}
"""Columns of each table."""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables that are missing, empty."""
    connection.execute("create schema if not exists prediction")
    for name, columns in TABLES.items():
        connection.execute(f"create table if not exists prediction.{name} ({columns})")


def replace(
    connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, list[object]]
) -> None:
    """Write a table anew from lists of equal length; columns left out are NULL."""
    import pyarrow

    connection.execute(f"create or replace table prediction.{name} ({TABLES[name]})")
    if columns and len(next(iter(columns.values()))):
        # The connection finds the variable by its name.
        written = pyarrow.table(columns)
        connection.register("written", written)
        connection.execute(f"insert into prediction.{name} by name select * from written")
        connection.unregister("written")


def as_columns(rows: list[dict[str, object]]) -> dict[str, list[object]]:
    """Rows as columns; every row has the columns of the first."""
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
