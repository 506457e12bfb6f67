"""What the gates must hold, shown on the suites as they are: one fault, one rule that fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from expectations.model import Suite
from expectations.registry import find_suite, suites_of
from expectations.runner import run_suites

NEVER_EMPTY = {"raw_pos.stores", "raw_pos.receipts", "raw_pos.receipt_lines"}

Break = Callable[[Path, str, str], set[str]]


@pytest.fixture
def receipts(warehouse: Path) -> Path:
    """Two receipts from one file, and the ledger's word on it."""
    with duckdb.connect(warehouse) as connection:
        connection.execute(
            """
            insert into raw_pos.receipts by name
            select 'R' || n as receipt_id, 'S1' as store_id, 'sale' as receipt_type,
                timestamp '2026-01-31 03:00:00' as closed_at, 'M1' as member_id,
                repeat('0a', 32) as member_id_hash, 1100 as total_inc_tax,
                timestamp '2026-01-31 03:00:00' as updated_at,
                'receipts.csv' as _file, n as _line, 'load-1' as _load_id
            from range(1, 3) as numbers (n);
            insert into ledger.files values ('load-1', 1, 'pos', 'raw_pos.receipts', 'receipts.csv',
                'hash', '', 2, 0, 0, 2, timestamp '2026-02-01 05:00:00', 'format');
            """
        )
    return warehouse


@pytest.fixture
def failures(facts) -> Break:
    """Names of the rules of a table's suite that fail once `statement` was run on the warehouse."""

    def run(path: Path, table: str, statement: str) -> set[str]:
        with duckdb.connect(path) as connection:
            connection.execute(statement)
        results = run_suites(path, [find_suite(table)], facts)
        return {result.rule for result in results if not result.passed}

    return run


def test_absent_feeds_pass_but_sales_must_arrive(warehouse, facts):
    results = run_suites(warehouse, suites_of("raw"), replace(facts, as_of=None))

    failed = {(result.suite, result.rule) for result in results if not result.passed}
    assert failed == {(table, "not_empty") for table in NEVER_EMPTY}


@pytest.mark.parametrize(
    ("statement", "failed"),
    [
        ("select 1", set()),
        (
            "update raw_pos.receipts set receipt_id = null where _line = 2",
            {"receipt_id_present"},
        ),
        ("update raw_pos.receipts set _line = 1", {"row_unique"}),
        (
            "update raw_pos.receipts set _file = null where _line = 2",
            {"provenance_present", "rows_match_files"},
        ),
        (
            "update raw_pos.receipts set receipt_type = 'gift' where _line = 2",
            {"receipt_type_known"},
        ),
        (
            "update raw_pos.receipts set member_id_hash = 'M1' where _line = 2",
            {"member_id_hashed"},
        ),
        (
            "update raw_pos.receipts set updated_at = timestamp '2026-02-02 06:00:00'",
            set(),
        ),
        (
            "update raw_pos.receipts set updated_at = timestamp '2026-02-02 06:00:01'",
            {"updated_at_not_future"},
        ),
        (
            "update raw_pos.receipts set closed_at = timestamp '2026-01-20 00:00:00'",
            {"newest_receipt_age_days"},
        ),
        (
            "update raw_pos.receipts set total_inc_tax = 4901234567894 where _line = 2",
            {"total_inc_tax_in_range"},
        ),
        (
            "update raw_pos.receipts set _file = 'other.csv' where _line = 2",
            {"rows_match_files"},
        ),
        (
            "delete from raw_pos.receipts where _line = 2",
            {"rows_match_files", "row_count_matches_ledger"},
        ),
        ("update ledger.files set rows_in = 3", {"file_rows_accounted"}),
        ("update ledger.files set rows_in = 4, rows_quarantined = 2", set()),
        (
            "update ledger.files set rows_in = 5, rows_quarantined = 3",
            {"quarantined_share"},
        ),
        (
            'update raw_pos.receipts set _extra = \'{"weather": "rain"}\' where _line = 2',
            {"no_unknown_columns"},
        ),
    ],
)
def test_gate_1_on_receipts(receipts, failures, statement, failed):
    assert failures(receipts, "raw_pos.receipts", statement) == failed


@pytest.fixture
def staged(warehouse: Path) -> Path:
    """A day of a store: a sale, a return, a voided sale, training; its closing reports the rest."""
    with duckdb.connect(warehouse) as connection:
        connection.execute(
            """
            create schema staging;
            create table staging.stg_pos__stores as
                select 'S1' as store_id, 'JPY' as currency;
            create table staging.stg_pos__receipts as
            select *, 'S1' as store_id, 'JPY' as currency, date '2026-01-30' as business_date
            from (values ('R1', 'sale', null, 1100.00), ('R2', 'return', 'R1', -100.00),
                ('R3', 'sale', null, 500.00), ('R4', 'void', 'R3', -500.00),
                ('R5', 'training', null, 9.00)
            ) as receipts (receipt_id, receipt_type, original_receipt_id, total_inc_tax);
            create table staging.stg_pos__receipt_lines as
            select receipt_id, 1 as line_no, 'P1' as product_id, 'sale' as line_type,
                case when receipt_type = 'return' then -1.5 else 1.5 end as quantity,
                abs(total_inc_tax) / 1.5 as unit_price, total_inc_tax as line_amount,
                0.00 as discount_amount
            from staging.stg_pos__receipts where receipt_type in ('sale', 'return');
            create table staging.stg_pos__payments as
            select receipt_id, 1 as payment_no, total_inc_tax as amount
            from staging.stg_pos__receipts where receipt_type in ('sale', 'return');
            create table staging.stg_pos__register_closings as
            select 'S1' as store_id, register_id, date '2026-01-30' as business_date,
                receipt_count, sales_inc_tax, returns_inc_tax
            from (values ('1', 1, 1100.00, 0.00), ('2', 1, 0.00, -100.00)
            ) as closings (register_id, receipt_count, sales_inc_tax, returns_inc_tax);
            """
        )
    return warehouse


@pytest.mark.parametrize(
    ("table", "rule", "statement", "examples"),
    [
        ("register_closings", "day_equals_closing", "select 1", ()),
        (
            "register_closings",
            "day_equals_closing",
            "delete from staging.stg_pos__receipts where receipt_id = 'R2'",
            ("store_id=S1, business_date=2026-01-30",),
        ),
        (
            "register_closings",
            "day_equals_closing",
            "update staging.stg_pos__receipts set total_inc_tax = 1101 where receipt_id = 'R1'",
            ("store_id=S1, business_date=2026-01-30",),
        ),
        (  # The report of the day counted the sale, which was voided the day after.
            "register_closings",
            "day_equals_closing",
            "update staging.stg_pos__receipts set business_date = date '2026-01-31' "
            "where receipt_id = 'R4'; "
            "update staging.stg_pos__register_closings set receipt_count = 2, "
            "sales_inc_tax = 1600 where register_id = '1'",
            (),
        ),
        (  # A day after the as-of date may still be arriving.
            "register_closings",
            "day_equals_closing",
            "update staging.stg_pos__register_closings set business_date = date '2026-02-01'",
            (),
        ),
        ("receipts", "total_equals_payments", "select 1", ()),
        (
            "receipts",
            "total_equals_payments",
            "update staging.stg_pos__payments set amount = amount + 1",
            (),
        ),
        (
            "receipts",
            "total_equals_payments",
            "update staging.stg_pos__payments set amount = amount + 2 where receipt_id = 'R1'",
            ("receipt_id=R1",),
        ),
        (
            "receipts",
            "total_equals_payments",
            "delete from staging.stg_pos__payments where receipt_id = 'R1'",
            (),
        ),
        ("receipts", "receipts_have_lines", "select 1", ()),
        (
            "receipts",
            "receipts_have_lines",
            "delete from staging.stg_pos__receipt_lines where receipt_id = 'R1'",
            ("receipt_id=R1",),
        ),
        ("receipt_lines", "line_arithmetic", "select 1", ()),
        (
            "receipt_lines",
            "line_arithmetic",
            "update staging.stg_pos__receipt_lines set discount_amount = 1",
            (),
        ),
        (
            "receipt_lines",
            "line_arithmetic",
            "update staging.stg_pos__receipt_lines set discount_amount = 2 where receipt_id = 'R1'",
            ("receipt_id=R1, line_no=1",),
        ),
        (
            "receipt_lines",
            "line_arithmetic",
            "update staging.stg_pos__receipts set currency = 'USD'; "
            "update staging.stg_pos__receipt_lines set discount_amount = 1 where receipt_id = 'R1'",
            ("receipt_id=R1, line_no=1",),
        ),
        (
            "receipt_lines",
            "line_arithmetic",
            "update staging.stg_pos__receipt_lines set discount_amount = 5, quantity = 0",
            (),
        ),
        (
            "receipt_lines",
            "receipt_id_in_stg_pos__receipts",
            "delete from staging.stg_pos__receipts where receipt_id = 'R1'",
            ("receipt_id=R1, line_no=1",),
        ),
    ],
)
def test_gate_2_on_sales(staged, facts, table, rule, statement, examples):
    suite = find_suite(f"staging.stg_pos__{table}")
    with duckdb.connect(staged) as connection:
        connection.execute(statement)

    (result,) = run_suites(staged, [only(suite, rule)], facts)

    assert result.passed == (not examples), result.observed
    assert result.examples == examples


@pytest.mark.parametrize(("wrong", "passed"), [(0, True), (1, True), (2, False)])
def test_one_bad_day_among_years_stops_the_run(warehouse, facts, wrong, passed):
    """Of 100 receipts a day, two of the last day have totals that their lines do not give."""
    with duckdb.connect(warehouse) as connection:
        connection.execute(
            f"""
            create schema marts;
            create schema staging;
            create table staging.stg_pos__receipts as
            select day * 100 + n as receipt_id, 1000.00 as total_inc_tax
            from range(200) as days (day), range(100) as receipts (n);
            create table marts.fct_sales_receipt as
            select receipt_id, 'JPY' as currency,
                date '2026-01-31' - cast(receipt_id // 100 as integer) as business_date,
                1000.00 - if(receipt_id < {wrong}, 100, 0) as total_inc_tax
            from staging.stg_pos__receipts
            """
        )
    suite = find_suite("marts.fct_sales_receipt")

    (day,) = run_suites(warehouse, [only(suite, "total_equals_header_day_share")], facts)
    (whole,) = run_suites(warehouse, [only(suite, "total_equals_header_share")], facts)

    assert (day.passed, day.blocks) == (passed, not passed)
    assert day.examples == (() if passed else ("receipt_id=0", "receipt_id=1"))
    assert whole.passed


@pytest.mark.parametrize(
    ("gap", "age", "failed"),
    [
        (1, 20, set()),
        (1, 22, {"newest_event_age_days"}),
        (1, 61, {"newest_event_age_days", "newest_event_age_days_critical"}),
        (30, 44, set()),
        (30, 46, {"newest_event_age_days"}),
    ],
)
def test_a_feed_may_be_as_old_as_its_gaps(warehouse, facts, gap, age, failed):
    """The run's instant is 2026-02-01 06:00; events came every `gap` days until `age` days ago."""
    with duckdb.connect(warehouse) as connection:
        connection.execute(
            "insert into raw_email.events (occurred_at) select timestamp '2026-02-01 06:00' "
            f"- to_days(cast({age} + {gap} * n as integer)) from range(10) as events (n)"
        )
    suite = find_suite("raw_email.events")
    names = ("newest_event_age_days", "newest_event_age_days_critical")

    results = run_suites(warehouse, [only(suite, name) for name in names], facts)

    assert {result.rule for result in results if not result.passed} == failed


def only(suite: Suite, rule: str) -> Suite:
    """The suite with one of its rules."""
    return replace(suite, rules=tuple(r for r in suite.rules if r.name == rule))


@pytest.mark.parametrize(("last_day", "ratio"), [(100, "1"), (10, "0.1"), (0, "0"), (500, "5")])
def test_sales_of_the_last_day_are_compared_with_its_weekday(warehouse, facts, last_day, ratio):
    with duckdb.connect(warehouse) as connection:
        connection.execute(
            f"""
            create schema marts;
            create schema plans;
            create table plans.holidays (group_id varchar, holiday_date date);
            create table marts.dim_date as
            select date '2026-01-31' - cast(day as integer) as date_key
            from range(42) as days (day);
            create table marts.store_daily as
            select 'S1' as store_id, date_key as business_date, 50 as receipts,
                case when date_key = date '2026-01-31' then {last_day} else 100.00 end as net_sales
            from marts.dim_date
            """
        )
    suite = only(find_suite("marts.store_daily"), "sales_near_weekday_median")

    (result,) = run_suites(warehouse, [suite], facts)

    assert result.observed == ratio
    assert result.passed == (ratio == "1")
    assert not result.blocks


@pytest.mark.parametrize(
    ("column", "passed"),
    [
        ("email varchar", False),
        ("member_id_hash varchar", False),
        ("mobile_phone varchar", False),
        ("customer_name varchar", False),
        ("has_email boolean", True),
        ("email_status varchar", True),
        ("store_name varchar", True),
    ],
)
def test_no_mart_has_a_personal_column(warehouse, facts, column, passed):
    with duckdb.connect(warehouse) as connection:
        connection.execute(
            f"create schema marts; create table marts.customer_360 (customer_key varchar, {column})"
        )
    suite = only(find_suite("marts.customer_360"), "no_personal_columns")

    (result,) = run_suites(warehouse, [suite], facts)

    assert result.passed is passed
