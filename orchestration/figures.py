"""Headline figures of a night, a few a table: Dagster draws each of them over the nights.

Each is one statement on a table that is small or read by a column or two, so that a night pays some
hundredths of a second. What they mean is said by the tables they are read from; no figure is of one
person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

KPIS = (
    "net_sales",
    "receipts",
    "aov",
    "identified_sales_rate",
    "return_rate",
    "new_customers",
    "active_customers_90d",
    "repeat_purchase_rate",
    "churn_rate",
    "members",
    "tickets",
    "nps",
)
"""KPIs of the as-of date, for the whole company."""

_LIFECYCLE = ("prospect", "new", "active", "reactivated", "at_risk", "dormant", "lost")
_PACE = ("met", "on_track", "behind", "missed")
_KPIS = ", ".join(f"max(value) filter (where kpi = '{kpi}') as {kpi}" for kpi in KPIS)


def _counts(column: str, values: Iterable[str]) -> str:
    return ", ".join(f"count(*) filter (where {column} = '{value}') as {value}" for value in values)


FIGURES = {
    "marts.kpi_daily": f"select {_KPIS} from marts.kpi_daily "
    "where business_date = $as_of and scope_type = 'all'",
    "marts.kpi_scorecard": f"select {_counts('status', _PACE)} from marts.kpi_scorecard",
    "marts.customer_360": "select count(*) as customers, count(*) filter (where q_orders_365d > 0) "
    "as bought_365d from marts.customer_360",
    "marts.customer_lifecycle": f"select {_counts('lifecycle_status', _LIFECYCLE)} "
    "from marts.customer_lifecycle",
    "marts.customer_rfm": "select count(*) filter (where rfm_group = 'CHAMPIONS') as champions, "
    "count(*) filter (where rfm_group = 'AT_RISK') as at_risk "
    "from marts.customer_rfm where rfm_window = 'lifetime'",
    "marts.customer_ltv": "select count(ltv_predicted_365d) as customers_predicted, "
    "sum(ltv_predicted_365d) as predicted_365d from marts.customer_ltv",
    "marts.support_ticket": "select count(*) filter (where not is_solved and not is_merged) as "
    "unsolved from marts.support_ticket",
    "marts.campaign_effect": "select count(*) as effects_measured, count(*) filter (where "
    "is_significant) as significant from marts.campaign_effect where metric = 'purchase_rate' "
    "and variant = 'all' and segment = 'all'",
    "marts.promotion_list": "select count(*) filter (where is_included) as included, "
    "count(*) filter (where not is_included) as excluded from marts.promotion_list",
}
"""By table, a statement of one row; `$as_of` is the run's as-of date."""


def figures_of(
    connection: duckdb.DuckDBPyConnection, tables: Iterable[str], as_of: date
) -> dict[str, dict[str, float]]:
    """Figures by table and name; what a table has no value for is left out."""
    wanted = [table for table in tables if table in FIGURES]
    return {table: _one(connection, FIGURES[table], as_of) for table in wanted}


def row_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows by schema and table, from the engine's catalog: no scan.

    Deleted rows count until they are swept out of the file, as they are when it is closed.
    """
    counted = connection.execute(
        "select schema_name, table_name, estimated_size from duckdb_tables() where not temporary"
    ).fetchall()
    return {f"{schema}.{table}": size for schema, table, size in counted}


def row_counts_now(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The same of a connection that changed tables; spares closing and opening the file."""
    files = "select database_name from duckdb_databases() where path is not null and not readonly"
    for (name,) in connection.execute(files).fetchall():
        connection.execute(f"checkpoint {name}")
    return row_counts(connection)


def row_count(counts: Mapping[str, int], table: str) -> dict[str, int]:
    """The entry that Dagster shows as a table's rows; none for a view."""
    return {"dagster/row_count": counts[table]} if table in counts else {}


def waiting_rows(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows by raw table that were set aside, by any run, and that nobody decided on yet."""
    return dict(
        connection.execute(
            "select table_name, count(*) from ledger.quarantined_rows where state = 'open' "
            "group by table_name"
        ).fetchall()
    )


def _one(connection: duckdb.DuckDBPyConnection, statement: str, as_of: date) -> dict[str, float]:
    found = connection.execute(statement, {"as_of": as_of} if "$as_of" in statement else {})
    names = [column[0] for column in found.description]
    row = found.fetchone() or ()
    return {
        name: value if isinstance(value, int) else float(value)
        for name, value in zip(names, row, strict=False)
        if value is not None
    }
