"""What the gates on segments, lists and consents must hold: one fault, one rule."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from expectations.registry import find_suite
from expectations.runner import run_suites

ANNA, BEN = "c" + "a" * 24, "c" + "b" * 24
MARTS = f"""
    create schema marts;
    create table marts.dim_customer as
    select customer_key, false as is_internal
    from (values ('{ANNA}'), ('{BEN}')) as people (customer_key);
    create table marts.customer_360 as
    select
        customer_key, customer_key = '{ANNA}' as contactable_email, true as contactable_line,
        cast(null as boolean) as contactable_dm
    from marts.dim_customer;
    create table marts.customer_ltv as
    select customer_key, cast(100 as decimal(18, 2)) as ltv_predicted_365d from marts.dim_customer;
    create table marts.email_engagement as
    select customer_key, customer_key = '{BEN}' as is_suppressed from marts.dim_customer;
    create table marts.consent_status as
    select
        customer_key, 'marketing' as purpose, 'email' as channel, true as is_granted,
        timestamp '2026-01-31 12:00' as changed_at, 'web_form' as consent_source,
        'v1' as wording_version
    from marts.dim_customer;
    create table marts.segment_membership as
    select
        segment_id, customer_key, cast(entered_on as date) as entered_on,
        cast(exited_on as date) as exited_on, exited_on is null as is_current
    from (values
        ('s', '{ANNA}', '2025-12-31', null), ('s', '{BEN}', '2025-11-30', '2025-12-31'),
        ('s', '{BEN}', '2026-01-31', null)
    ) as runs (segment_id, customer_key, entered_on, exited_on);
    create table marts.segment_summary as
    select
        's' as segment_id, 'S' as segment_name, 'a = 1' as rule_text, 'h' as rule_hash,
        2 as customers, 2 as all_customers, 1.0 as customer_share,
        date '2026-01-25' as recent_since, 1 as entered_recent, 0 as left_recent,
        date '2025-12-31' as month_since, 1 as entered_month, 0 as left_month,
        cast(1000 as decimal(18, 2)) as net_sales_365d, 2 as q_orders_365d,
        cast(1000 as decimal(18, 2)) as q_net_sales_365d, 500.0 as average_order_value,
        2 as predicted_customers, cast(200 as decimal(18, 2)) as predicted_value,
        cast(20 as decimal(18, 2)) as value_at_risk, 1 as email_contactable,
        2 as line_contactable, cast(null as bigint) as dm_contactable;
    create table marts.promotion_list as
    select
        'l' as list_id, customer_key, 'L' as list_name, 'dormant_winback' as recipe,
        cast(null as varchar) as segment_id, 'email' as channel, 'h' as recipe_hash,
        customer_key = '{ANNA}' as is_included,
        case when customer_key = '{BEN}' then 'no_consent' end as exclusion_reason,
        case when customer_key = '{BEN}' then 'no_consent,frequency_cap' end as exclusion_reasons,
        case when customer_key = '{ANNA}' then 1 end as list_rank,
        cast(100 as decimal(18, 2)) as ltv_predicted_365d, 'low' as churn_risk_band,
        cast(100 as decimal(18, 2)) as ltv_historic
    from marts.dim_customer;
"""


@pytest.fixture
def segments(warehouse: Path) -> Path:
    """Two customers in one segment and on one list."""
    with duckdb.connect(warehouse) as connection:
        connection.execute(MARTS)
    return warehouse


@pytest.mark.parametrize(
    ("table", "statement", "failed"),
    [
        ("consent_status", "select 1", set()),
        (
            "consent_status",
            "update {table} set changed_at = timestamp '2026-02-02 00:00'",
            {"no_act_of_the_future"},
        ),
        (
            "consent_status",
            "update {table} set consent_source = 'form@shop.jp'",
            {"no_addresses_in_text"},
        ),
        ("segment_membership", "select 1", set()),
        (
            "segment_membership",
            "update marts.dim_customer set is_internal = true where customer_key = '{anna}'",
            {"no_internal_members"},
        ),
        (
            "segment_membership",
            "update {table} set is_current = true",
            {"current_without_exit"},
        ),
        (
            "segment_membership",
            "update {table} set exited_on = '2025-10-31' where exited_on is not null",
            {"exit_after_entry"},
        ),
        (
            "segment_membership",
            "update {table} set exited_on = '2026-01-31' where exited_on is not null",
            {"runs_do_not_touch"},
        ),
        (
            "segment_membership",
            "update marts.segment_summary set segment_id = 't'",
            {"segments_known"},
        ),
        ("segment_summary", "select 1", set()),
        (
            "segment_summary",
            "update {table} set customers = 1, email_contactable = 0, line_contactable = 0, "
            "entered_recent = 0, entered_month = 0",
            {"customers_equal_memberships"},
        ),
        (
            "segment_summary",
            "update {table} set all_customers = 3",
            {"all_customers_equal_dimension"},
        ),
        (
            "segment_summary",
            "update {table} set entered_recent = 2",
            {"changes_explain_customers_recent"},
        ),
        (
            "segment_summary",
            "update {table} set left_month = 1",
            {"changes_explain_customers_month"},
        ),
        (
            "segment_summary",
            "update {table} set predicted_value = 300",
            {"predicted_value_equals_customers"},
        ),
        (
            "segment_summary",
            "update {table} set value_at_risk = 300",
            {"risk_is_part_of_the_prediction"},
        ),
        (
            "segment_summary",
            "update {table} set dm_contactable = 3",
            {"contactable_are_customers"},
        ),
        (
            "segment_summary",
            "update {table} set q_orders_365d = 0",
            {"no_average_without_orders"},
        ),
        ("promotion_list", "select 1", set()),
        (
            "promotion_list",
            "update marts.dim_customer set is_internal = true where customer_key = '{anna}'",
            {"no_internal_candidates"},
        ),
        (
            "promotion_list",
            "update {table} set exclusion_reason = 'frequency_cap' where not is_included",
            {"excluded_for_a_reason"},
        ),
        (
            "promotion_list",
            "update {table} set exclusion_reasons = 'no_consent,unsubscribed,no_consent' "
            "where not is_included",
            {"reasons_known_and_in_order"},
        ),
        (
            "promotion_list",
            "update marts.customer_360 set contactable_email = false",
            {"included_can_be_contacted"},
        ),
        (
            "promotion_list",
            "update marts.email_engagement set is_suppressed = true",
            {"included_are_not_suppressed"},
        ),
        (
            "promotion_list",
            "update {table} set list_rank = 2 where is_included",
            {"included_are_ranked"},
        ),
        (
            "promotion_list",
            "update {table} set recipe_hash = 'i' where is_included",
            {"one_definition_a_list"},
        ),
    ],
)
def test_gate_3_on_segments(segments, facts, table, statement, failed):
    with duckdb.connect(segments) as connection:
        connection.execute(statement.format(table=f"marts.{table}", anna=ANNA))

    results = run_suites(segments, [find_suite(f"marts.{table}")], facts)

    assert {result.rule for result in results if not result.passed} == failed
