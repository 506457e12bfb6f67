"""A store's day that did not arrive is missed, one without sales or by plan is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import duckdb
import pytest

from expectations.model import RunFacts, Suite
from expectations.runner import bad_rows_query
from expectations.store_days import missing_store_days

NOW = datetime(2026, 9, 30, 21)
"""06:00 in Tokyo on 1 October: the business day of 30 September has ended."""
LAST = date(2026, 9, 30)
MISSING = [("B", LAST)]


@pytest.fixture
def days() -> Iterator[duckdb.DuckDBPyConnection]:
    """Three stores, twenty receipts a day each and a closing, over sixty days."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            """
            create schema staging;
            create schema plans;
            create table plans.store_closings (scope_key varchar, closed_on date, day_of_week int);
            create table staging.stg_pos__stores as
            select store_id, 'Asia/Tokyo' as timezone, 5 as day_cutover_hour,
                date '2020-01-01' as opened_on, cast(null as date) as closed_on
            from (select unnest(['A', 'B', 'C']) as store_id);
            create table staging.stg_pos__receipts as
            select store_id, date '2026-09-30' - cast(day as integer) as business_date,
                'sale' as receipt_type
            from staging.stg_pos__stores, range(60) as days (day), range(20);
            create table staging.stg_pos__register_closings as
            select distinct store_id, business_date from staging.stg_pos__receipts;
            """
        )
        yield connection


def missing(connection: duckdb.DuckDBPyConnection, now: datetime = NOW) -> list[tuple]:
    rule = missing_store_days()
    suite = Suite("staging.stg_pos__receipts", ("receipt_id",), (rule,))
    query = bad_rows_query(suite, rule, RunFacts(None, now, "run-1"))
    return sorted(connection.execute(query or "").fetchall())


def lose(connection: duckdb.DuckDBPyConnection, table: str, store: str, day: date = LAST) -> None:
    connection.execute(
        f"delete from staging.stg_pos__{table} where store_id = ? and business_date = ?",
        [store, day],
    )


def test_whole_days_are_quiet(days) -> None:
    assert missing(days) == []


def test_a_day_without_anything_is_missed(days) -> None:
    lose(days, "receipts", "B")
    assert missing(days) == []  # The closing says that nothing was sold.
    lose(days, "register_closings", "B")
    assert missing(days) == MISSING


def test_a_day_of_weeks_ago_is_missed_too(days) -> None:
    for table in ("receipts", "register_closings"):
        lose(days, table, "A", date(2026, 9, 10))

    assert missing(days) == [("A", date(2026, 9, 10))]


def test_without_closings_many_usual_receipts_are_needed(days) -> None:
    days.execute("delete from staging.stg_pos__register_closings")
    lose(days, "receipts", "B")
    assert missing(days) == MISSING
    thin_out(days, 10)
    assert missing(days) == []


def test_with_closings_a_few_usual_receipts_are_enough(days) -> None:
    for table in ("receipts", "register_closings"):
        lose(days, table, "B")
    thin_out(days, 2)
    assert missing(days) == MISSING
    thin_out(days, 1)
    assert missing(days) == []


def thin_out(connection: duckdb.DuckDBPyConnection, receipts: int) -> None:
    """Leaves so many receipts a store and day."""
    connection.execute(
        "create or replace table staging.stg_pos__receipts as from staging.stg_pos__receipts "
        f"qualify row_number() over (partition by store_id, business_date) <= {receipts}"
    )


def test_a_day_that_has_not_ended_is_waited_for(days) -> None:
    for table in ("receipts", "register_closings"):
        lose(days, table, "B")

    assert missing(days, datetime(2026, 9, 30, 19, 59)) == []
    assert missing(days, datetime(2026, 9, 30, 20, 1)) == MISSING


def test_while_most_stores_have_not_delivered_nobody_is_missed(days) -> None:
    for table in ("receipts", "register_closings"):
        lose(days, table, "B")
        lose(days, table, "C")

    assert missing(days) == []


@pytest.mark.parametrize(
    "change",
    [
        "insert into plans.store_closings values ('B', date '2026-09-30', null)",
        "insert into plans.store_closings values ('all', null, 3)",
        "update staging.stg_pos__stores set closed_on = date '2026-09-29' where store_id = 'B'",
        "update staging.stg_pos__stores set opened_on = date '2026-10-01' where store_id = 'B'",
        # The store is never open on a Wednesday.
        "delete from staging.stg_pos__receipts where store_id = 'B' and "
        "isodow(business_date) = 3; delete from staging.stg_pos__register_closings "
        "where store_id = 'B' and isodow(business_date) = 3",
        # A new store: nobody knows what is usual.
        "delete from staging.stg_pos__receipts where store_id = 'B' and "
        "business_date < date '2026-09-10'; delete from staging.stg_pos__register_closings "
        "where store_id = 'B' and business_date < date '2026-09-10'",
    ],
)
def test_a_store_that_is_closed_is_not_missed(days, change: str) -> None:
    for table in ("receipts", "register_closings"):
        lose(days, table, "B")
    assert missing(days) == MISSING

    days.execute(change)

    assert missing(days) == []
