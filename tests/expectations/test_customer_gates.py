"""What the gates on customers, history and households must hold: one fault, one rule."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from expectations import baseline
from expectations.marts.household import MAX_CUSTOMERS
from expectations.registry import find_suite
from expectations.runner import run_suites

ANNA, BEN = "c" + "a" * 24, "c" + "b" * 24
MARTS = f"""
    create schema marts;
    create table marts.customer_key_change (old_customer_key varchar);
    create table marts.dim_customer_identity (
        source_system varchar, source_id varchar, customer_key varchar, is_current boolean
    );
    create table marts.dim_customer as
    select
        customer_key, true as is_member, false as is_internal, cast(null as date) as left_on,
        'female' as gender, 'pos' as gender_source, date '2026-01-01' as gender_as_of,
        cast(null as varchar) as age_band, cast(null as varchar) as age_band_source,
        cast(null as date) as age_band_as_of, '東京都' as prefecture, 'pos' as prefecture_source,
        date '2026-01-01' as prefecture_as_of, '160' as postal_area, 'pos' as postal_area_source,
        date '2026-01-01' as postal_area_as_of, 'nurse' as occupation, 'pos' as occupation_source,
        date '2026-01-01' as occupation_as_of, 'gold' as member_tier, 'pos' as member_tier_source,
        date '2026-01-01' as member_tier_as_of, 'S1' as home_store_id,
        'pos' as home_store_id_source, date '2026-01-01' as home_store_id_as_of,
        'a' || repeat('0', 24) as account_key, 'h' || repeat('a', 24) as household_key,
        1 as n_source_ids, 1 as n_source_systems, true as has_pos, false as has_email,
        false as has_support, false as is_inferred
    from (values ('{ANNA}'), ('{BEN}')) as people (customer_key);
    create table marts.household as
    select household_key, customer_key, 2 as n_customers, 'address,phone' as shared_by
    from marts.dim_customer;
    create table marts.dim_customer_history as
    select
        customer_key, cast(valid_from as date) as valid_from, cast(valid_to as date) as valid_to,
        valid_to is null as is_current, gender, age_band, prefecture, postal_area, occupation,
        member_tier, home_store_id, account_key
    from marts.dim_customer
    cross join (values ('2025-01-01', '2025-06-30'), ('2025-07-01', null))
        as spans (valid_from, valid_to);
"""


@pytest.fixture
def customers(warehouse: Path) -> Path:
    """Two customers of one household, each with two spans of history."""
    with duckdb.connect(warehouse) as connection:
        connection.execute(MARTS)
        baseline.take(connection, None, None)
    return warehouse


@pytest.mark.parametrize(
    ("table", "statement", "failed"),
    [
        ("dim_customer", "select 1", set()),
        (
            "dim_customer",
            "update {table} set occupation_source = null",
            {"attributes_have_an_origin"},
        ),
        (
            "dim_customer",
            "update {table} set age_band_as_of = date '2026-01-01'",
            {"attributes_have_an_origin"},
        ),
        (
            "dim_customer",
            "update {table} set postal_area = '1600022'",
            {"postal_area_is_three_digits"},
        ),
        ("dim_customer", "update {table} set account_key = 'ACME'", {"other_keys_opaque"}),
        (
            "dim_customer",
            "update {table} set left_on = date '2026-01-31'",
            {"nobody_left_who_is_a_member"},
        ),
        ("dim_customer", "update {table} set left_on = date '2026-02-01'", set()),
        ("dim_customer_history", "select 1", set()),
        (
            "dim_customer_history",
            "update {table} set valid_from = '2025-06-30' where is_current",
            {"spans_touch"},
        ),
        (
            "dim_customer_history",
            "update {table} set valid_from = '2025-07-02' where is_current",
            {"spans_touch"},
        ),
        (
            "dim_customer_history",
            "update {table} set is_current = false where is_current",
            {"spans_end_after_they_begin"},
        ),
        (
            "dim_customer_history",
            "update {table} set valid_from = '2026-02-01' where is_current; "
            "update {table} set valid_to = '2026-01-31' where not is_current",
            {"valid_from_up_to_as_of"},
        ),
        (
            "dim_customer_history",
            "delete from marts.dim_customer where customer_key = '{anna}'",
            {"customer_key_in_dim_customer"},
        ),
        ("household", "select 1", set()),
        (
            "household",
            "update {table} set household_key = 'h1' where customer_key = '{anna}'; "
            "update marts.dim_customer set household_key = 'h1' where customer_key = '{anna}'",
            {"household_key_opaque", "size_is_the_number_of_rows"},
        ),
        ("household", "update {table} set shared_by = 'name'", {"shared_by_known"}),
        (
            "household",
            f"update {{table}} set n_customers = {MAX_CUSTOMERS + 1}",
            {"size_of_a_household", "size_is_the_number_of_rows"},
        ),
        (
            "household",
            "delete from {table} where customer_key = '{anna}'; update {table} set n_customers = 1",
            {"size_of_a_household", "same_household_as_dim_customer"},
        ),
    ],
)
def test_gate_3_on_customers(customers, facts, table, statement, failed):
    with duckdb.connect(customers) as connection:
        connection.execute(statement.format(table=f"marts.{table}", anna=ANNA))

    results = run_suites(customers, [find_suite(f"marts.{table}")], facts)

    assert {result.rule for result in results if not result.passed} == failed
