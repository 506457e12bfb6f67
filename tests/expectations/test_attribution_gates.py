"""What the gates on attribution, audiences, coupons and events must hold: one fault, one rule."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from expectations.registry import find_suite
from expectations.runner import RunFacts, run_suites

ANNA, BEN = "c" + "a" * 24, "c" + "b" * 24
FACTS = RunFacts(as_of=date(2026, 1, 31), now=datetime(2026, 2, 1), run_id="test")
WAREHOUSE = f"""
    create schema marts;
    create schema intermediate;
    create table marts.dim_customer as
    select customer_key, false as is_internal
    from (values ('{ANNA}'), ('{BEN}')) as people (customer_key);
    create table marts.dim_store as select 's1' as store_id;
    create table marts.campaign_performance as select 'c1' as campaign_id;
    create table marts.fct_sales_receipt as
    select
        receipt_id, true as is_qualifying, date '2026-01-10' as business_date,
        cast(net_sales as decimal(18, 2)) as net_sales_order_dated
    from (values ('r1', 1000), ('r2', 500), ('other', 9000)) as sales (receipt_id, net_sales);
    create table marts.dim_campaign as
    select
        'c1' as campaign_id, 'C' as campaign_name, 'email' as channel,
        cast(null as varchar) as subject, timestamp '2026-01-05 01:00' as first_sent_at,
        timestamp '2026-01-06 01:00' as last_sent_at, date '2026-01-05' as sent_date,
        date '2026-01-06' as last_sent_date, cast(100 as decimal(18, 2)) as cost,
        'click_rate' as success_metric, cast(0.1 as decimal(7, 4)) as success_threshold,
        timestamp '2026-01-04 01:00' as success_registered_at, true as registered_before_send,
        true as has_holdout, false as is_inferred;
    create table marts.fct_campaign_contact as
    select
        key as contact_key, 'c1' as campaign_id, person as customer_key, 'email' as channel,
        cast(null as varchar) as variant, outcome = 'not_sent' as is_holdout,
        timestamp '2026-01-05 01:00' as audience_at,
        case when outcome = 'delivered' then timestamp '2026-01-05 01:00' end as sent_at, outcome,
        case when outcome = 'not_sent' then 'held_out' end as suppressed_reason,
        cast(null as timestamp) as delivered_at, cast(null as timestamp) as opened_at,
        cast(null as timestamp) as machine_opened_at, cast(null as timestamp) as clicked_at,
        cast(null as timestamp) as unsubscribed_at, cast(null as timestamp) as complained_at
    from (values
        ('e' || repeat('1', 24), '{ANNA}', 'delivered'),
        ('e' || repeat('2', 24), '{BEN}', 'not_sent')
    ) as entries (key, person, outcome);
    create table intermediate.int_campaign_recipients as
    select customer_key from marts.fct_campaign_contact;
    create table marts.campaign_attribution as
    select
        receipt_id, customer_key, 'c1' as campaign_id, cast(null as varchar) as variant,
        cast(null as boolean) as is_holdout, 'email' as channel, touch_type,
        timestamp '2026-01-10 01:00' as touched_at, timestamp '2026-01-10 03:00' as ordered_at,
        date '2026-01-10' as touch_date, date '2026-01-10' as business_date,
        case when touch_type = 'click' then 2.0 end as hours_to_order,
        case when touch_type = 'click' then 120 end as window_hours,
        'interaction' as attribution_clock, 's1' as store_id,
        cast(net_sales as decimal(18, 2)) as net_sales_order_dated,
        case when customer_key is null then 'unidentified' else 'repeat' end as new_or_repeat
    from (values
        ('r1', '{ANNA}', 'click', 1000), ('r2', null, 'coupon', 500)
    ) as orders (receipt_id, customer_key, touch_type, net_sales);
    create table intermediate.int_coupon_redemptions as
    select 'd1' as redemption_id, 'r2' as receipt_id, 'c1' as campaign_id, false as is_internal;
    create table marts.coupon_performance as
    select
        key as coupon_key, 'c1' as campaign_id, code as coupon_code,
        case code when 'all' then 'all' else 'shared' end as coupon_kind,
        timestamp '2026-01-05 01:00' as first_issued_at,
        timestamp '2026-01-20 01:00' as last_expires_at, true as is_complete, 100 as issued,
        10 as issued_redeemed, 0.1 as redemption_rate, 90 as expired_unredeemed,
        0.9 as expired_share, 1 as redemptions, 0 as redeemed_by_recipients,
        0 as redeemed_by_others, 1 as redeemed_unidentified,
        cast(50 as decimal(18, 2)) as discount_amount, 1 as orders, 0 as orders_new,
        cast(500 as decimal(18, 2)) as net_sales, cast(200 as decimal(18, 2)) as margin,
        1.0 as cost_coverage, 40 as treated, 30 as held_out,
        cast(8000 as decimal(18, 2)) as margin_treated,
        cast(3000 as decimal(18, 2)) as margin_held_out,
        cast(100 as decimal(18, 2)) as incremental_margin_per_person,
        cast(50 as decimal(18, 2)) as incremental_margin_per_person_low,
        cast(150 as decimal(18, 2)) as incremental_margin_per_person_high,
        cast(4000 as decimal(18, 2)) as incremental_margin,
        cast(2000 as decimal(18, 2)) as incremental_margin_low,
        cast(6000 as decimal(18, 2)) as incremental_margin_high, 'randomised' as evidence_grade
    from (values ('k1', 'all')) as coupons (key, code);
    create table marts.fct_event_attendance as
    select
        'v' || repeat('1', 24) as attendance_key, 'c1' as campaign_id, '{ANNA}' as customer_key,
        true as was_invited, false as is_holdout, timestamp '2026-01-06 01:00' as registered_at,
        cast(null as timestamp) as cancelled_at, timestamp '2026-01-10 01:00' as attended_at,
        date '2026-01-10' as attended_date, 's1' as store_id, true as is_complete,
        false as no_show, true as purchased, 1 as orders,
        cast(1000 as decimal(18, 2)) as net_sales;
    create table intermediate.int_event_attendances as
    select 'c1' as campaign_id, '{ANNA}' as person_id, '{ANNA}' as customer_key,
        'attended' as action;
"""
TABLES = (
    "dim_campaign",
    "fct_campaign_contact",
    "campaign_attribution",
    "coupon_performance",
    "fct_event_attendance",
)


@pytest.fixture
def campaigns(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(WAREHOUSE)
    return path


def _failed(warehouse: Path, table: str) -> set[str]:
    results = run_suites(warehouse, [find_suite(f"marts.{table}")], FACTS)
    return {result.rule for result in results if not result.passed}


@pytest.mark.parametrize("table", TABLES)
def test_sound_tables_pass(campaigns: Path, table: str) -> None:
    assert _failed(campaigns, table) == set()


@pytest.mark.parametrize(
    ("table", "change", "rule"),
    [
        ("dim_campaign", "first_sent_at = timestamp '2026-01-07'", "sends_in_order"),
        (
            "dim_campaign",
            "registered_before_send = false",
            "registered_before_the_first_send",
        ),
        ("dim_campaign", "is_inferred = true", "list_of_campaigns_complete"),
        (
            "fct_campaign_contact",
            "suppressed_reason = null",
            "attempted_or_a_reason",
        ),
        (
            "fct_campaign_contact",
            "clicked_at = timestamp '2026-01-06' where outcome = 'not_sent'",
            "who_reacted_was_reached",
        ),
        ("fct_campaign_contact", "is_holdout = true", "held_out_were_held_out"),
        (
            "campaign_attribution",
            "ordered_at = timestamp '2026-01-10 00:59' where touch_type = 'click'",
            "touch_before_the_order_and_within_its_window",
        ),
        (
            "campaign_attribution",
            "ordered_at = timestamp '2026-01-15 01:00:01' where touch_type = 'click'",
            "touch_before_the_order_and_within_its_window",
        ),
        (
            "campaign_attribution",
            "net_sales_order_dated = 900 where receipt_id = 'r1'",
            "orders_are_qualifying_receipts",
        ),
        (
            "campaign_attribution",
            "customer_key = null, new_or_repeat = 'unidentified' where receipt_id = 'r1'",
            "guests_by_coupons_alone",
        ),
        ("coupon_performance", "redeemed_by_others = 1", "redemptions_add_up"),
        ("coupon_performance", "is_complete = false", "unfinished_is_unknown"),
        ("coupon_performance", "redemption_rate = 0.2", "rates_are_ratios"),
        (
            "coupon_performance",
            "evidence_grade = 'before_after_only'",
            "incremental_margin_by_hold_outs_alone",
        ),
        (
            "coupon_performance",
            "margin_held_out = 6000",
            "incremental_margin_is_the_difference",
        ),
        ("fct_event_attendance", "no_show = true", "no_show_registered_and_stayed_away"),
        ("fct_event_attendance", "is_complete = false", "purchases_of_guests_alone"),
        (
            "fct_event_attendance",
            f"customer_key = '{BEN}x', attended_at = null, registered_at = null, no_show = null, "
            "purchased = null, orders = null, net_sales = null",
            "everybody_is_here_for_a_reason",
        ),
    ],
)
def test_a_fault_is_found_by_its_rule(campaigns: Path, table: str, change: str, rule: str) -> None:
    with duckdb.connect(str(campaigns)) as connection:
        connection.execute(f"update marts.{table} set {change}")

    assert rule in _failed(campaigns, table)


def test_a_coupon_that_was_not_attributed_is_missed(campaigns: Path) -> None:
    with duckdb.connect(str(campaigns)) as connection:
        connection.execute("delete from marts.campaign_attribution where touch_type = 'coupon'")

    assert _failed(campaigns, "campaign_attribution") == {
        "every_coupon_of_a_campaign_is_attributed"
    }
