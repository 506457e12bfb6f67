"""What the gates on RFM must hold: one fault, the rules that find it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from expectations.registry import find_suite
from expectations.rfm_rules import GRID, GROUPS, KLAVIYO_CODES
from expectations.runner import run_suites

ANNA, BEN = "c" + "a" * 24, "c" + "b" * 24
MARTS = f"""
    create schema marts;
    create table marts.dim_customer as
    select *, false as is_internal from (values ('{ANNA}'), ('{BEN}')) as people (customer_key);
    create table marts.fct_sales_receipt as
    select '{ANNA}' as customer_key, date '2025-12-02' as business_date, true as is_qualifying,
        cast(500 as decimal(18, 2)) as net_sales_order_dated;
    create table marts.customer_rfm_history as
    select '{ANNA}' as customer_key, rfm_window, cast(month_end as date) as month_end,
        date '2025-12-02' as last_q_date, date_diff('day', date '2025-12-02', month_end)
        as recency_days, 1 as frequency, cast(500 as decimal(18, 2)) as monetary,
        1 as r_score, 1 as f_score, 1 as m_score, 1 as fm_score, 'DORMANT' as rfm_group,
        '311' as klaviyo_score, 'RECENT' as klaviyo_group
    from (values ('lifetime'), ('365d')) as windows (rfm_window)
    cross join (values (date '2025-12-31'), (date '2026-01-31')) as ends (month_end);
    create table marts.customer_rfm as
    select * exclude (month_end), '111' as rfm_cell, 'PROSPECTS' as prev_group,
        date '2025-12-31' as group_changed_on, 1 as months_in_group, true as is_degenerate
    from marts.customer_rfm_history where month_end = date '2026-01-31'
    union all by name
    select '{BEN}' as customer_key, rfm_window, 0 as frequency,
        cast(0 as decimal(18, 2)) as monetary, 'PROSPECTS' as rfm_group,
        'PROSPECTS' as klaviyo_group, 1 as months_in_group, true as is_degenerate
    from (values ('lifetime'), ('365d')) as windows (rfm_window);
    create table marts.rfm_migration as
    select rfm_window, month_end, rfm_group as from_group, rfm_group as to_group, 1 as customers
    from marts.customer_rfm_history where month_end = date '2026-01-31';
"""


@pytest.fixture
def customers(warehouse: Path) -> Path:
    """A buyer and a prospect, two month ends of history and the moves between them."""
    with duckdb.connect(warehouse) as connection:
        connection.execute(MARTS)
    return warehouse


def test_the_published_lists_hold_each_code_once() -> None:
    codes = [code for group in KLAVIYO_CODES.values() for code in group]
    assert sorted(codes) == [f"{r}{f}{m}" for r in (1, 2, 3) for f in (1, 2, 3) for m in (1, 2, 3)]
    assert [len(groups) for groups in GRID.values()] == [5] * 5
    assert len(GROUPS) == 10


@pytest.mark.parametrize(
    ("table", "statement", "failed"),
    [
        ("customer_rfm", "select 1", set()),
        (
            "customer_rfm",
            "update {table} set rfm_group = 'NEW' where rfm_cell = '111'",
            {"cells_have_their_group"},
        ),
        (
            "customer_rfm",
            "update {table} set klaviyo_group = 'INACTIVE' where rfm_cell = '111'",
            {"klaviyo_codes_have_their_group"},
        ),
        (
            "customer_rfm",
            "update {table} set rfm_group = 'OTHER' where customer_key = '{anna}'",
            {"rfm_group_known", "cells_have_their_group"},
        ),
        (
            "customer_rfm",
            "delete from {table} where customer_key = '{ben}' and rfm_window = '365d'",
            {"groups_hold_all_customers"},
        ),
        (
            "customer_rfm",
            "update {table} set klaviyo_group = 'OUT_OF_WINDOW' where customer_key = '{ben}'",
            {"one_reason_without_scores"},
        ),
        (
            "customer_rfm",
            "update {table} set prev_group = rfm_group where customer_key = '{anna}'",
            {"change_has_a_group_and_a_date"},
        ),
        ("customer_rfm", "update {table} set months_in_group = 2", {"months_are_whole"}),
        (
            "customer_rfm",
            "update {table} set group_changed_on = '2025-12-30', months_in_group = 0",
            {"months_are_whole", "change_has_a_group_and_a_date"},
        ),
        ("customer_rfm_history", "select 1", set()),
        (
            "customer_rfm_history",
            "delete from {table} where month_end = '2025-12-31' and rfm_window = '365d'",
            {"groups_hold_all_buyers"},
        ),
        (
            "customer_rfm_history",
            "update {table} set month_end = month_end - 1, recency_days = recency_days - 1 "
            "where month_end = '2025-12-31'",
            {"month_ends_only"},
        ),
        (
            "customer_rfm_history",
            "update {table} set last_q_date = '2026-01-15' where month_end = '2025-12-31'",
            {"recency_from_month_end"},
        ),
        (
            "customer_rfm_history",
            "update {table} set monetary = 400 where month_end = '2026-01-31'",
            {"last_month_equals_receipts", "month_end_today_equals_customer_rfm"},
        ),
        (
            "customer_rfm_history",
            "update {table} set rfm_group = 'OUT_OF_WINDOW', klaviyo_group = 'OUT_OF_WINDOW', "
            "r_score = null, f_score = null, m_score = null, fm_score = null, "
            "klaviyo_score = null where rfm_window = 'lifetime' and month_end = '2025-12-31'",
            {"lifetime_is_scored"},
        ),
        ("rfm_migration", "select 1", set()),
        (
            "rfm_migration",
            "update {table} set customers = 2 where rfm_window = '365d'",
            {"moves_lead_to_history", "moves_come_from_history"},
        ),
        (
            "rfm_migration",
            "update {table} set from_group = 'PROSPECTS'",
            {"moves_come_from_history"},
        ),
        ("rfm_migration", "update {table} set to_group = 'NEW'", {"moves_lead_to_history"}),
    ],
)
def test_gate_3_on_rfm(customers, facts, table, statement, failed):
    with duckdb.connect(customers) as connection:
        connection.execute(statement.format(table=f"marts.{table}", anna=ANNA, ben=BEN))

    results = run_suites(customers, [find_suite(f"marts.{table}")], facts)

    assert {result.rule for result in results if not result.passed} == failed
