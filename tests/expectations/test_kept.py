"""Against the last publication: what may vanish, and what may not."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from expectations import baseline
from expectations.model import RunFacts
from expectations.registry import find_suite
from expectations.runner import bad_rows_query, run_suites
from tests.expectations.test_gates import only

FACTS = RunFacts(date(2026, 10, 1), datetime(2026, 10, 1, 21), "run-2")
DAY = date(2026, 9, 30)
MARTS = """
    create schema if not exists ledger;
    create schema marts;
    create table marts.dim_customer as select unnest(['c1', 'c2', 'c3']) as customer_key;
    create table marts.dim_customer_identity as
    select 'pos' as source_system, 'M' || customer_key as source_id, customer_key,
        true as is_current from marts.dim_customer;
    create table marts.customer_key_change (old_customer_key varchar, new_customer_key varchar);
    create table marts.fct_sales_receipt as
    select 'R' || n as receipt_id, 'S1' as store_id, date '2026-09-30' as business_date,
        100.00 as total_inc_tax from range(1, 6) as receipts (n);
    create view marts.store_daily as
    select store_id, business_date, count(*) as receipts, 0 as return_receipts,
        cast(sum(total_inc_tax) as decimal(18, 2)) as total_inc_tax
    from marts.fct_sales_receipt group by all;
"""


@pytest.fixture
def night(warehouse: Path, tmp_path: Path) -> Path:
    """A warehouse a night after it was published; nothing changed."""
    published = tmp_path / "published.duckdb"
    with duckdb.connect(published) as connection:
        connection.execute("create schema ledger; create table ledger.files (load_number bigint)")
        connection.execute("insert into ledger.files values (1)")
        connection.execute(MARTS)
    with duckdb.connect(warehouse) as connection:
        connection.execute(MARTS)
        connection.execute(
            """
            create schema staging;
            create table staging.stg_pos__receipts as from marts.fct_sales_receipt;
            insert into raw_pos.receipts (receipt_id, store_id, total_inc_tax, _load_id)
            select receipt_id, store_id, total_inc_tax, 'load-1' from marts.fct_sales_receipt;
            insert into ledger.files (load_id, load_number) values ('load-1', 1), ('load-2', 2);
            """
        )
    return warehouse


def change(night: Path, *statements: str, as_of: date | None = DAY) -> None:
    with duckdb.connect(night) as connection:
        for statement in statements:
            connection.execute(statement)
        published = night.parent / "published.duckdb"
        baseline.take(connection, published, published, as_of)


def failed(night: Path, table: str, *rules: str) -> dict[str, tuple[str, ...]]:
    """Names of the rules that failed, with their examples."""
    suites = [only(find_suite(f"marts.{table}"), rule) for rule in rules]
    return {r.rule: r.examples for r in run_suites(night, suites, FACTS) if not r.passed}


CUSTOMERS = ("customers_vanish_only_by_merge_or_deletion", "vanished_customers_share")
GONE = "delete from marts.dim_customer where customer_key = 'c3'"


def test_nothing_changed(night: Path) -> None:
    change(night)
    assert failed(night, "dim_customer", *CUSTOMERS) == {}
    assert failed(night, "store_daily", "closed_days_keep_their_sales") == {}
    assert failed(night, "fct_sales_receipt", "published_receipts_kept") == {}


def test_a_customer_whose_record_is_still_there_must_not_vanish(night: Path) -> None:
    change(night, GONE)
    found = failed(night, "dim_customer", *CUSTOMERS)
    assert found[CUSTOMERS[0]] == ("customer_key=c3",)


def test_a_merged_customer_may_vanish(night: Path) -> None:
    change(night, GONE, "insert into marts.customer_key_change values ('c3', 'c1')")
    assert failed(night, "dim_customer", *CUSTOMERS) == {}


def test_a_customer_may_vanish_with_the_last_record_but_not_many(night: Path) -> None:
    left = "update marts.dim_customer_identity set is_current = false where customer_key = 'c3'"
    change(night, GONE, left)
    assert set(failed(night, "dim_customer", *CUSTOMERS)) == {"vanished_customers_share"}


LOST = "delete from marts.fct_sales_receipt where receipt_id = 'R5'"
STAGED = "delete from staging.stg_pos__receipts where receipt_id = 'R5'"


def test_a_receipt_must_not_vanish(night: Path) -> None:
    change(night, LOST, STAGED)
    assert failed(night, "fct_sales_receipt", "published_receipts_kept") == {
        "published_receipts_kept": ("receipt_id=R5",)
    }
    assert failed(night, "store_daily", "closed_days_keep_their_sales")


@pytest.mark.parametrize(
    "arrival",
    [
        # A void of the receipt, a new version of it, a deletion.
        "insert into raw_pos.receipts (receipt_id, original_receipt_id, total_inc_tax, _load_id) "
        "values ('V1', 'R5', -100, 'load-2')",
        "insert into raw_pos.receipts (receipt_id, total_inc_tax, _load_id) "
        "values ('R5', 0, 'load-2')",
        "insert into ledger.deletions (table_name, row_key, load_id) "
        "values ('raw_pos.receipts', 'R5', 'load-2')",
    ],
)
def test_what_arrived_since_explains_a_smaller_day(night: Path, arrival: str) -> None:
    change(night, LOST, arrival)
    assert failed(night, "store_daily", "closed_days_keep_their_sales") == {}


def test_a_small_void_does_not_explain_a_great_loss(night: Path) -> None:
    change(
        night,
        "delete from marts.fct_sales_receipt where receipt_id in ('R3', 'R4', 'R5')",
        "insert into raw_pos.receipts (receipt_id, original_receipt_id, total_inc_tax, _load_id) "
        "values ('V1', 'R5', -100, 'load-2')",
    )
    assert failed(night, "store_daily", "closed_days_keep_their_sales")


def test_a_deleted_receipt_may_vanish(night: Path) -> None:
    deleted = (
        "insert into ledger.deletions (table_name, row_key, load_id) "
        "values ('raw_pos.receipts', 'R5', 'load-2')"
    )
    change(night, LOST, STAGED, deleted)
    assert failed(night, "fct_sales_receipt", "published_receipts_kept") == {}


def test_an_older_date_or_a_first_run_has_nothing_to_compare_with(night: Path) -> None:
    change(night, GONE, LOST, STAGED, as_of=None)
    suite = find_suite("marts.fct_sales_receipt")
    rule = only(suite, "published_receipts_kept").rules[0]
    with duckdb.connect(night) as connection:
        assert connection.execute(bad_rows_query(suite, rule, FACTS) or "").fetchall() == []
    assert failed(night, "dim_customer", *CUSTOMERS) == {}
