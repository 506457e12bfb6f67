"""What the models need of the warehouse: each customer's past up to a date, and what came after.

One pass over the purchase days makes a temporary table of customers; everything else reads that.
Rows come sorted, so that sums over them are the same whatever the engine's threads did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from prediction.backtest import Outcome
from prediction.fit import Histories, Spends

if TYPE_CHECKING:
    import duckdb

PAST = "ltv_past"
"""The temporary table: one row a customer (no internal ones) who bought by the date."""

RECENT_DAYS = 30
ACTIVE_ORDERS = 3

_TODAY = """(
    select first_q_date as first_date, last_q_date as last_date, q_orders as orders
    from intermediate.int_ltv_inputs
)"""


@dataclass(frozen=True)
class Gate:
    """What there must be before anything is predicted (Klaviyo's published minimum)."""

    min_customers: int = 500
    min_history_days: int = 180

    def fault(
        self, connection: duckdb.DuckDBPyConnection, until: date, customers: str = _TODAY
    ) -> str:
        """What is missing on that date, empty when nothing is.

        `customers` has their first and last date and their orders.
        """
        count, first, last, most = connection.execute(
            f"select count(*), min(first_date), max(last_date), max(orders) from {customers}"
        ).fetchall()[0]
        if count < max(self.min_customers, 1):
            return f"{count} customers, fewer than {self.min_customers}"
        history = (until - first).days
        if history < self.min_history_days:
            return f"{history} days of history, fewer than {self.min_history_days}"
        if (until - last).days >= RECENT_DAYS:
            return f"no order in the last {RECENT_DAYS} days"
        if most < ACTIVE_ORDERS:
            return f"nobody has {ACTIVE_ORDERS} orders"
        return ""


@dataclass(frozen=True)
class Past:
    """All customers up to a date; `outcome` is what the rows of `histories` did after it."""

    histories: Histories
    spends: Spends
    outcome: Outcome


def segment_names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Every segment that a customer is in; a segment's number is its place in the list."""
    rows = connection.execute(
        "select distinct ltv_segment from intermediate.int_ltv_inputs order by ltv_segment"
    ).fetchall()
    return [row[0] for row in rows]


def look_back(connection: duckdb.DuckDBPyConnection, until: date, end: date) -> Past:
    """What was known of everybody on the date `until`, and what came after it up to `end`."""
    connection.execute(_past_table(f"date '{until}'", f"date '{end}'"))
    found = _columns(
        connection,
        """
        segment, x, days_to_last, days_observed, sum(repeat_sales)::double as repeat_sales,
        count(*)::double as weight, later_days as orders, sum(later_sales)::double as sales
        """,
        "group by segment, x, days_to_last, days_observed, later_days "
        "order by segment, x, days_to_last, days_observed, later_days",
    )
    outcome = Outcome(found.pop("orders"), found.pop("sales"))
    spends = _columns(
        connection,
        "segment, x, repeat_sales::double / x as mean_spend",
        "where x > 0 and repeat_sales > 0 order by segment, x, mean_spend",
    )
    return Past(Histories(**found), Spends(**spends), outcome)


def _past_table(until: str, end: str) -> str:
    """SQL that makes `PAST`; the day's number tells repeats from the first purchase."""
    return f"""
        create or replace temporary table {PAST} as
        with
        segments as (
            select ltv_segment, row_number() over (order by ltv_segment) - 1 as segment
            from (select distinct ltv_segment from intermediate.int_ltv_inputs)
        ),
        customers as (
            select
                customer_key,
                min(business_date) as first_date,
                max(business_date) filter (where business_date <= {until}) as last_date,
                count(*) filter (where business_date <= {until}) as days,
                sum(q_orders) filter (where business_date <= {until}) as orders,
                sum(net_sales) filter (where business_date <= {until} and day_number > 1)
                    as repeat_sales,
                count(*) filter (where business_date > {until}) as later_days,
                sum(net_sales) filter (where business_date > {until}) as later_sales
            from intermediate.int_purchase_days
            where business_date <= {end}
            group by customer_key
        )
        select
            segments.segment,
            customers.first_date,
            customers.last_date,
            customers.orders,
            (customers.days - 1)::double as x,
            date_diff('day', customers.first_date, customers.last_date)::double as days_to_last,
            date_diff('day', customers.first_date, {until})::double as days_observed,
            coalesce(customers.repeat_sales, 0) as repeat_sales,
            customers.later_days::double as later_days,
            coalesce(customers.later_sales, 0) as later_sales
        from customers
        join intermediate.int_ltv_inputs as inputs using (customer_key)
        join segments using (ltv_segment)
        where customers.first_date <= {until}
    """


def _columns(connection: duckdb.DuckDBPyConnection, columns: str, rest: str) -> dict:
    found = connection.execute(f"select {columns} from {PAST} {rest}").fetchnumpy()
    return {name: np.asarray(column) for name, column in found.items()}
