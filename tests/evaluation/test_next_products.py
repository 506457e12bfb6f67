"""Offered products against popular ones: who is judged, and what counts as bought afterwards."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from evaluation.next_products import Judged, judge, render

BEFORE = date(2024, 3, 1)
TABLES = """
create schema marts;
create table marts.dim_customer as from (values
    ('c1', 's1', false), ('c2', null, false), ('late', 's1', false), ('staff', 's1', true)
) as t(customer_key, home_store_id, is_internal);
create table marts.dim_product as from (values
    ('milk', true, false), ('bread', true, false), ('eggs', true, false), ('jam', true, false),
    ('gone', false, false)
) as t(product_id, is_active, is_sample);
create table marts.fct_sales_receipt as from (values
    ('r1', 'c1', 's1', true, date '2024-02-28'), ('r2', 'c2', 's2', true, date '2024-02-28'),
    ('r3', null, 's1', true, date '2024-02-28'), ('r4', 'staff', 's1', true, date '2024-02-28')
) as t(receipt_id, customer_key, store_id, is_qualifying, business_date);
create table marts.fct_sales_line as from (values
    ('r1', 'c1', 'milk', true, false, date '2024-02-28'),
    ('r2', 'c2', 'milk', true, false, date '2024-02-28'),
    ('r3', null, 'bread', true, false, date '2024-02-28'),
    ('r3', null, 'gone', true, false, date '2024-02-28'),
    ('r4', 'staff', 'bread', true, false, date '2024-02-28'),
    ('r4', 'staff', 'eggs', true, false, date '2024-02-28')
) as t(receipt_id, customer_key, product_id, is_merchandise, is_return, business_date);
create table marts.customer_next_product as from (values
    ('c1', 1, 'milk', 'replenish'), ('c1', 2, 'jam', 'goes_with'), ('c1', 3, 'eggs', 'goes_with'),
    ('c2', 1, 'jam', 'goes_with'), ('late', 1, 'bread', 'popular')
) as t(customer_key, product_rank, product_id, reason);
"""
LATER = """
insert into marts.fct_sales_line values
    ('n1', 'c1', 'milk', true, false, date '2024-03-05'),
    ('n1', 'c1', 'jam', true, false, date '2024-03-05'),
    ('n2', 'c2', 'bread', true, false, date '2024-03-06'),
    ('n2', 'c2', 'jam', true, true, date '2024-03-06'),
    ('n3', 'late', 'bread', true, false, date '2024-03-06'),
    ('n4', 'staff', 'milk', true, false, date '2024-03-06')
"""


@pytest.fixture
def results(tmp_path: Path) -> dict[str, Judged]:
    """Lists of the first of March and what was bought after it."""
    for name, statements in (("past", TABLES), ("head", TABLES + LATER)):
        with duckdb.connect(str(tmp_path / f"{name}.duckdb")) as connection:
            connection.execute(statements)
    found = judge(tmp_path / "head.duckdb", tmp_path / "past.duckdb", BEFORE)
    return {result.reason: result for result in found}


def test_customers_with_an_order_before_and_one_after_are_judged(
    results: dict[str, Judged],
) -> None:
    assert results["all"].customers == 2
    assert results["all"].offered == 4
    assert "popular" not in results


def test_what_was_bought_afterwards_is_a_hit_and_a_return_is_not(
    results: dict[str, Judged],
) -> None:
    assert results["all"].hits == 2
    assert results["replenish"].hits == 1
    matching = results["goes_with"]
    assert (matching.customers, matching.offered, matching.hits, matching.served) == (2, 3, 1, 1)


def test_popular_ones_are_new_to_the_customer_and_as_many(results: dict[str, Judged]) -> None:
    """c2 gets everybody's best, bread, and buys it; c1 bread and eggs, and buys neither."""
    matching = results["goes_with"]
    assert (matching.popular_hits, matching.served_popular) == (1, 1)
    assert matching.difference == 0
    assert matching.error > 0


def test_the_report_shows_shares(results: dict[str, Judged]) -> None:
    lines = render(list(results.values()))
    assert len(lines) == 1 + len(results)
    assert "50.00%" in lines[1]
