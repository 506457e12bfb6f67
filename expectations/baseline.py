"""What the last publication held, put beside a run's marts so that gate 3 sees what got lost.

Small tables in schema `baseline` of the run's warehouse: `publication` (one row: as-of date, newest
load), `customers`, `store_days`, and `receipts`, which lists the receipts of those days alone that
have fewer receipts now. They are empty before the first publication, and when the run computes for
an older date than the published one.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.engine import literal

if TYPE_CHECKING:
    import duckdb

_DDL = """
create schema if not exists baseline;
create or replace table baseline.publication (as_of_date date, load_number bigint);
create or replace table baseline.customers (customer_key varchar);
create or replace table baseline.store_days (
    store_id varchar, business_date date, receipts bigint, return_receipts bigint,
    total_inc_tax decimal(18, 2)
);
create or replace table baseline.receipts (
    receipt_id varchar, store_id varchar, business_date date
);
"""
_COPY = """
insert into baseline.publication
select {as_of}, coalesce(max(load_number), 0) from published.ledger.files;
insert into baseline.customers select customer_key from published_marts.marts.dim_customer;
insert into baseline.store_days
select store_id, business_date, receipts, return_receipts, total_inc_tax
from published_marts.marts.store_daily;
insert into baseline.receipts
select receipt_id, store_id, business_date
from published_marts.marts.fct_sales_receipt
where (store_id, business_date) in (
    select (before.store_id, before.business_date)
    from baseline.store_days as before
    left join marts.store_daily as now using (store_id, business_date)
    where before.receipts + before.return_receipts
        > coalesce(now.receipts, 0) + coalesce(now.return_receipts, 0)
);
"""


def take(
    connection: duckdb.DuckDBPyConnection,
    published: Path | None,
    marts: Path | None,
    as_of: date | None = None,
) -> None:
    """Write the baseline from a warehouse that was published for `as_of`, and the file of its
    marts; None: an empty one.

    `connection` is open on the run's warehouse, whose marts are built.
    """
    connection.execute(_DDL)
    if published is None or marts is None or as_of is None:
        return
    files = {"published": published, "published_marts": marts}
    for name, file in files.items():
        connection.execute(f"attach {literal(str(file))} as {name} (read_only)")
    try:
        connection.execute(_COPY.format(as_of=f"date '{as_of}'"))
    finally:
        for name in files:
            connection.execute(f"detach {name}")
