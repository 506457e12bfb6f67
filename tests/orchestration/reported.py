"""A small chain whose every number is worked by hand, published twice: what a report is made of.

Two stores. Published first as of Tuesday the 29th, then as of Wednesday the 30th, with a receipt of
the 29th that came late (R8) and one that was corrected (R3).
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime

from orchestration.publication import Mart, Outcome, publish
from tests.orchestration.conftest import CHECKS, SmallHome

MARTS = [
    Mart("dim_customer", ["customer_key"]),
    Mart("dim_store", ["store_id"]),
    Mart("fct_sales_receipt", ["receipt_id"]),
    Mart("kpi_daily", ["kpi", "business_date", "scope_type", "scope_key"]),
    Mart("store_daily", ["store_id", "business_date"]),
]
# id, store, day, customer, net sales, whether it is the customer's first
TUESDAY = [
    ("R1", "A", "2026-09-22", "c1", 1000, "new"),
    ("R2", "B", "2026-09-22", "c2", 2000, "new"),
    ("R3", "A", "2026-09-29", "c1", 1000, "repeat"),
    ("R4", "A", "2026-09-29", "c3", 3000, "new"),
]
WEDNESDAY = [
    *TUESDAY[:2],
    ("R3", "A", "2026-09-29", "c1", 1200, "repeat"),
    TUESDAY[3],
    ("R5", "B", "2026-09-30", "c2", 6000, "repeat"),
    ("R6", "A", "2026-09-30", None, 1500, "unidentified"),
    ("R7", "A", "2026-09-30", "c4", 500, "new"),
    ("R8", "B", "2026-09-29", "c5", 700, "new"),
]
NAMES = {"A": "つきよ 新宿店", "B": "<b>横浜店</b>"}


def publish_night(small: SmallHome, run_id: str, as_of: str, receipts: list[tuple]) -> Outcome:
    """Publish these receipts and end the run."""
    run = small.run(run_id, 5, as_of)
    with run.open() as connection:
        for statement in _statements(as_of, receipts):
            connection.execute(statement)
    outcome = publish(run, MARTS, CHECKS, [])
    shutil.rmtree(small.home.work)
    small.journal.finish_run(run_id, "published", as_of=run.as_of, version=outcome.version)
    return outcome


def publish_both(small: SmallHome) -> None:
    """Tuesday, then Wednesday."""
    publish_night(small, "tuesday", "2026-09-29", TUESDAY)
    publish_night(small, "wednesday", "2026-09-30", WEDNESDAY)


def red_run(small: SmallHome, run_id: str, status: str, message: str) -> None:
    """Enter a run that published nothing."""
    small.journal.start_run(run_id, "demo", datetime(2026, 10, 2))
    small.journal.record_step(run_id, "build_staging", datetime(2026, 10, 2), 3.0, 2.0, 100.0)
    small.journal.finish_run(run_id, status, message)


def row_of(small: SmallHome, run_id: str, **changes: object):
    """A run as the journal knows it."""
    row = small.journal.find_run(run_id)
    assert row is not None
    return replace(row, **changes)


def _statements(as_of: str, receipts: list[tuple]) -> list[str]:
    listed = ", ".join(str(row).replace("None", "null") for row in receipts)
    names = ", ".join(f"('{store}', '{name}')" for store, name in NAMES.items())
    return [
        "drop table marts.fct_sale",
        f"""create or replace table marts.fct_sales_receipt as
        select receipt_id, store_id, business_date::date as business_date, customer_key,
            'sale' as receipt_type, net_sales::decimal(18, 2) as net_sales_refund_dated,
            net_sales::decimal(18, 2) as total_inc_tax, 1 as item_quantity, true as is_qualifying,
            new_or_repeat
        from (values {listed})
            t(receipt_id, store_id, business_date, customer_key, net_sales, new_or_repeat)""",
        """create or replace table marts.dim_customer as select distinct customer_key
        from marts.fct_sales_receipt where customer_key is not null""",
        f"""create or replace table marts.dim_store as
        select * from (values {names}) t(store_id, store_name)""",
        """create or replace table marts.store_daily as
        select store_id, business_date, count(*) as receipts, 0 as return_receipts,
            sum(net_sales_refund_dated)::decimal(18, 2) as net_sales,
            sum(total_inc_tax)::decimal(18, 2) as total_inc_tax, sum(item_quantity) as items
        from marts.fct_sales_receipt group by all""",
        f"""create or replace table marts.kpi_daily as
        with days as (select unnest(range(date '2026-09-20', date '{as_of}' + 1, interval 1 day))
            ::date as business_date),
        counted as (
            select 'net_sales' as kpi, business_date, store_id, net_sales as numerator
            from marts.store_daily
            union all select 'receipts', business_date, store_id, receipts from marts.store_daily
        ),
        active as (
            select 'active_customers_90d' as kpi, business_date,
                (select count(distinct customer_key) from marts.fct_sales_receipt r
                where r.business_date <= days.business_date) as numerator
            from days
        ),
        rows as (
            select kpi, business_date, 'store' as scope_type, store_id as scope_key, numerator
            from counted
            union all
            select k.kpi, business_date, 'all', 'all', coalesce(sum(numerator), 0)
            from days cross join (values ('net_sales'), ('receipts')) k(kpi)
            left join counted using (kpi, business_date) group by all
            union all select kpi, business_date, 'all', 'all', numerator from active
        )
        select kpi, business_date, scope_type, scope_key,
            numerator::decimal(18, 2) as numerator, 1::decimal(18, 2) as denominator,
            numerator::double as value
        from rows""",
    ]
