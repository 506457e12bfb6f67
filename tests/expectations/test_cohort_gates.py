"""What the gates on cohorts must hold: one fault, one rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from expectations.registry import find_suite
from expectations.runner import run_suites

ANNA, BEN = "c" + "a" * 24, "c" + "b" * 24
MARTS = f"""
    create schema marts;
    create table marts.fct_sales_receipt as
    select
        customer_key, cast(business_date as date) as business_date,
        cast(amount as decimal(18, 2)) as net_sales_order_dated, amount > 0 as is_qualifying
    from (values
        ('{ANNA}', '2025-12-01', -9), ('{ANNA}', '2025-12-10', 100), ('{ANNA}', '2026-01-10', 20),
        ('{BEN}', '2025-12-31', 50), ('{BEN}', '2026-01-20', -5), ('{BEN}', '2026-02-01', 7),
        (null, '2026-01-20', 1000)
    ) as receipts (customer_key, business_date, amount);
    create table marts.months as
    select
        scope_type, if(scope_type = 'all', 'all', 's1') as scope_key,
        date '2025-12-01' as cohort_month, months_since, 2 as cohort_size,
        months_since < 2 as is_complete, 1 as left_censored_customers, true as is_left_censored
    from (values ('all'), ('channel'), ('store')) as scopes (scope_type)
    cross join (values (0), (1), (2)) as months (months_since);
    create table marts.cohort_retention as
    select
        *, if(is_complete, 2 - months_since, null) as retained_customers,
        if(is_complete, 1 - months_since / 2, null) as retention
    from marts.months;
    create table marts.cohort_ltv as
    select
        *, case months_since when 0 then 150.00 when 1 then 15.00 end as net_sales,
        case months_since when 0 then 150.00 when 1 then 165.00 end as cum_net_sales,
        case months_since when 0 then 75.0 when 1 then 82.5 end as cum_net_sales_per_customer
    from marts.months;
"""
SECOND = "months_since = 1 and scope_type = 'all'"


@pytest.fixture
def cohorts(warehouse: Path) -> Path:
    """Two customers of one cohort, in the second of its months complete and in the third not."""
    with duckdb.connect(warehouse) as connection:
        connection.execute(MARTS)
    return warehouse


@pytest.mark.parametrize(
    ("table", "statement", "failed"),
    [
        ("cohort_retention", "select 1", set()),
        (
            "cohort_retention",
            f"update {{table}} set retained_customers = 3, retention = 1.5 where {SECOND}",
            {"retention_is_a_share", "retained_equal_buyers"},
        ),
        (
            "cohort_retention",
            f"update {{table}} set retention = 0.4 where {SECOND}",
            {"retention_is_ratio"},
        ),
        (
            "cohort_retention",
            "update {table} set retained_customers = 1, retention = 0.5 "
            "where months_since = 0 and scope_type = 'store'",
            {"all_bought_in_their_own_month"},
        ),
        (
            "cohort_retention",
            "update {table} set retained_customers = 0, retention = 0 where months_since = 2",
            {"null_when_not_complete"},
        ),
        (
            "cohort_retention",
            "update {table} set is_complete = true, retained_customers = 0, retention = 0 "
            "where months_since = 2",
            {"complete_when_month_has_ended"},
        ),
        (
            "cohort_retention",
            "update {table} set cohort_size = 3 where months_since = 0 and scope_type = 'channel'",
            {
                "all_bought_in_their_own_month",
                "months_without_gap",
                "retention_is_ratio",
                "sizes_of_channel_equal_customers",
            },
        ),
        (
            "cohort_retention",
            "update {table} set left_censored_customers = 3",
            {"left_censored_as_counted"},
        ),
        (
            "cohort_retention",
            "delete from {table} where months_since = 1 and scope_type = 'store'",
            {"months_without_gap"},
        ),
        ("cohort_ltv", "select 1", set()),
        (
            "cohort_ltv",
            "delete from {table} where months_since = 2 and scope_type = 'store'",
            {"months_without_gap"},
        ),
        (
            "cohort_ltv",
            f"update {{table}} set cum_net_sales = 150, cum_net_sales_per_customer = 75 "
            f"where {SECOND}",
            {"running_sum_loses_nothing"},
        ),
        (
            "cohort_ltv",
            "update {table} set net_sales = 20, cum_net_sales = 170, "
            f"cum_net_sales_per_customer = 85 where {SECOND}",
            {"sales_of_all_equal_receipts"},
        ),
        (
            "cohort_ltv",
            f"update {{table}} set cum_net_sales_per_customer = 83 where {SECOND}",
            {"value_is_ratio"},
        ),
        (
            "cohort_ltv",
            "update {table} set net_sales = 7 where months_since = 2 and scope_type = 'store'",
            {"null_when_not_complete", "sales_of_store_equal_receipts"},
        ),
    ],
)
def test_one_fault_fails_its_rules(cohorts, facts, table, statement, failed):
    with duckdb.connect(cohorts) as connection:
        connection.execute(statement.format(table=f"marts.{table}"))

    facts = replace(facts, as_of=date(2026, 2, 1))
    results = run_suites(cohorts, [find_suite(f"marts.{table}")], facts)

    assert {result.rule for result in results if not result.passed} == failed
