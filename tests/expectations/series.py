"""Synthetic days of stores for the rules about volumes and drift, and a way to ask them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import numpy as np

from expectations.model import Rule, RunFacts, Suite
from expectations.runner import bad_rows_query

END = date(2026, 3, 31)
"""The last day of the series, a Tuesday."""
DAYS = 500
_WEEKDAYS = (0.90, 0.88, 0.92, 0.91, 1.00, 1.22, 1.17)
_MONTHS = (0.95, 0.90, 1.02, 0.98, 1.00, 0.95, 1.04, 1.00, 0.95, 0.97, 1.02, 1.22)

HOLIDAY = date(2026, 3, 20)


def days() -> list[date]:
    return [END - timedelta(n) for n in range(DAYS)][::-1]


def receipts(level: float, seed: int) -> list[int]:
    """Receipts a day of a store: weekdays, months and chance, somewhat wider than Poisson's."""
    draws = np.random.default_rng(seed)
    pace = [level * _WEEKDAYS[d.weekday()] * _MONTHS[d.month - 1] for d in days()]
    return draws.poisson(draws.gamma(20, np.array(pace) / 20)).tolist()


def connect(stores: dict[str, list[int]]) -> duckdb.DuckDBPyConnection:
    """What the rules read, of stores with their receipts a day; a sale is worth 1,000."""
    connection = duckdb.connect(":memory:")
    connection.execute(
        """
        create schema marts;
        create schema plans;
        create table plans.holidays (group_id varchar, holiday_date date);
        create table plans.store_closings (scope_key varchar, closed_on date, day_of_week int);
        create table marts.dim_date (date_key date);
        create table marts.dim_store (store_id varchar, closed_on date);
        create table marts.store_daily (
            store_id varchar, business_date date, receipts bigint, net_sales decimal(18, 2)
        );
        """
    )
    connection.execute("insert into plans.holidays values ('all', ?)", [HOLIDAY])
    connection.execute("insert into marts.dim_date select unnest(?)", [days()])
    for store, counts in stores.items():
        sold = [(day, count) for day, count in zip(days(), counts, strict=True) if count]
        connection.execute("insert into marts.dim_store values (?, null)", [store])
        connection.execute(
            "insert into marts.store_daily select ?, unnest(?), unnest(?) as n, n * 1000.00",
            [store, [day for day, _ in sold], [count for _, count in sold]],
        )
    return connection


def ask(
    connection: duckdb.DuckDBPyConnection, rule: Rule, as_of: date = END, **thresholds: float
) -> list[tuple[Any, ...]]:
    """The rows that a rule finds at fault."""
    now = datetime(as_of.year, as_of.month, as_of.day, 21)
    facts = RunFacts(as_of, now, "run-1", thresholds)
    query = bad_rows_query(Suite("marts.store_daily", ("store_id",), (rule,)), rule, facts)
    return sorted(connection.execute(query or "").fetchall())
