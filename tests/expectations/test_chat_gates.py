"""What the gates on the bot, its friends and topics must hold: one fault, one rule."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from expectations.registry import find_suite
from expectations.runner import run_suites

ANNA, BEN = "c" + "a" * 24, "c" + "b" * 24
MARTS = f"""
    create schema marts;
    create schema if not exists staging;
    create table marts.dim_customer as
    select customer_key from (values ('{ANNA}'), ('{BEN}')) as people (customer_key);
    create table marts.dim_date as
    select cast(date_key as date) as date_key
    from (values ('2026-01-30'), ('2026-01-31')) as days (date_key);
    create table marts.fct_sales_receipt as
    select '{ANNA}' as customer_key, true as is_qualifying,
        cast(500 as decimal(18, 2)) as net_sales_order_dated;
    create table marts.support_ticket as
    select
        ticket_id, channel, 'stock' as topic, 'inquiry' as ticket_type,
        date '2026-01-30' as created_date, false as is_merged, true as is_solved,
        is_contained = false as is_one_touch,
        case when not is_contained then timestamp '2026-01-30 03:10' end as first_reply_at,
        case when not is_contained then 10.0 end as first_reply_min_calendar,
        20.0 as full_resolution_min_calendar, cast(null as bigint) as csat_score,
        cast(null as boolean) as is_csat_good
    from (values ('t1', 'line', true), ('t2', 'line', false)) as t
        (ticket_id, channel, is_contained);
    create table marts.chatbot_conversation as
    select
        ticket_id, customer_key, 'line' as channel, 'stock' as topic, 'stock' as first_intent,
        timestamp '2026-01-30 03:00' as started_at, date '2026-01-30' as started_date,
        timestamp '2026-01-30 03:10' as last_message_at, timestamp '2026-01-30 03:20' as ended_at,
        1 as bot_messages, 0 as customer_messages, is_handed_off::int as human_messages,
        0 as human_notes, true as is_resolved, not is_handed_off as is_contained, is_handed_off,
        case when is_handed_off then timestamp '2026-01-30 03:10' end as handed_off_at,
        case when is_handed_off then 600 end as seconds_to_handoff,
        case when is_handed_off then 0 end as seconds_to_human_answer,
        false as is_reopened_after_bot, cast(null as bigint) as csat_score,
        cast(null as boolean) as is_csat_good, not is_handed_off as lead_created, 7 as window_days,
        true as purchase_within_7d, cast(250 as decimal(18, 2)) as net_sales_within_7d,
        true as is_complete
    from (values ('t1', '{ANNA}', false), ('t2', '{ANNA}', true)) as t
        (ticket_id, customer_key, is_handed_off);
    create table marts.fct_chat_message as
    select
        message_id, ticket_id, '{ANNA}' as customer_key, author_type,
        case when author_type = 'agent' then 'A1' end as agent_id, true as is_public,
        'stock' as intent, timestamp '2026-01-30 03:00' as created_at,
        date '2026-01-30' as created_date, message_no,
        case when message_no > 1 then 600 end as seconds_since_previous
    from (values ('m1', 't1', 'bot', 1), ('m2', 't2', 'bot', 1), ('m3', 't2', 'agent', 2)) as t
        (message_id, ticket_id, author_type, message_no);
    create or replace table staging.stg_support__messages as
    select ticket_id, created_date from marts.fct_chat_message;
    create table marts.chatbot_daily as
    select
        date_key, channel, conversations, conversations // 2 as contained,
        conversations // 2 as handed_off, 0 as still_with_bot, 0 as unresolved,
        conversations as decided_conversations,
        case when conversations > 0 then 0.5 end as containment_rate,
        case when conversations > 0 then 0.5 end as handoff_rate, conversations // 2 as leads,
        case when conversations > 0 then 0.5 end as lead_rate,
        conversations as followed_conversations, conversations as purchases_within_7d,
        case when conversations > 0 then 1.0 end as conversion_rate, true as is_complete,
        10 as followers, case when date_key = date '2026-01-30' then 2 else 3 end as blocks,
        case when date_key = date '2026-01-30' then 8 else 7 end as reachable,
        0 as new_followers, 1 as new_blocks, 0 as unblocks
    from (select date_key, channel, case when date_key = date '2026-01-30' then 2 else 0 end
        as conversations from marts.dim_date cross join (values ('line'), ('all')) as c (channel));
    create table marts.support_topic as
    select
        date '2026-01-01' as month_start, topic, channel, 2 as tickets, 2 as tickets_of_channel,
        1.0 as ticket_share, 1 as self_served, 0.5 as self_served_share, 0 as complaints,
        2 as solved_tickets, 0 as reopened_tickets, 0.0 as reopen_rate, 2 as resolved_tickets,
        1 as one_touch_tickets, 0.5 as one_touch_rate, 1 as replied_tickets,
        10.0 as median_first_reply_min_calendar, 20.0 as median_full_resolution_min_calendar,
        0 as good_ratings, 0 as rated_tickets, cast(null as double) as csat, 100 as receipts,
        cast(null as bigint) as tickets_month_before, cast(null as bigint) as tickets_change,
        true as is_complete
    from (values ('stock'), ('all')) as topics (topic)
    cross join (values ('line'), ('all')) as channels (channel);
"""


@pytest.fixture
def chats(warehouse: Path) -> Path:
    """One conversation that the bot contained, one that it handed off."""
    with duckdb.connect(warehouse) as connection:
        connection.execute(MARTS)
    return warehouse


@pytest.mark.parametrize(
    ("table", "statement", "failed"),
    [
        ("fct_chat_message", "select 1", set()),
        (
            "fct_chat_message",
            "update {table} set agent_id = 'R1' where author_type = 'bot'",
            {"ids_of_agents_alone"},
        ),
        (
            "fct_chat_message",
            "update {table} set message_no = 3 where message_id = 'm3'",
            {"numbers_without_gaps"},
        ),
        (
            "fct_chat_message",
            "update {table} set seconds_since_previous = -1 where message_id = 'm3'",
            {"seconds_between_messages"},
        ),
        ("chatbot_conversation", "select 1", set()),
        (
            "chatbot_conversation",
            "update {table} set is_contained = true",
            {"contained_by_the_bot_alone"},
        ),
        (
            "chatbot_conversation",
            "update {table} set seconds_to_handoff = -1 where is_handed_off",
            {"handed_off_at_an_instant"},
        ),
        (
            "chatbot_conversation",
            "update {table} set ended_at = null",
            {"ended_when_resolved"},
        ),
        (
            "chatbot_conversation",
            "update {table} set is_complete = false",
            {"nothing_said_of_open_windows"},
        ),
        (
            "chatbot_conversation",
            "update {table} set net_sales_within_7d = 500",
            {"sales_within_the_customers"},
        ),
        (
            "chatbot_conversation",
            "update {table} set lead_created = true",
            {"a_lead_is_new_once"},
        ),
        (
            "chatbot_conversation",
            "update marts.support_ticket set is_merged = true where ticket_id = 't1'",
            {"tickets_not_merged"},
        ),
        (
            "chatbot_conversation",
            "delete from marts.fct_chat_message where message_id = 'm1'",
            {"bot_messages_equal_facts"},
        ),
        ("chatbot_daily", "select 1", set()),
        (
            "chatbot_daily",
            "update {table} set containment_rate = 0 where conversations = 0",
            {"rates_are_ratios"},
        ),
        (
            "chatbot_daily",
            "update {table} set still_with_bot = 1 where channel = 'line'",
            {"parts_add_up"},
        ),
        (
            "chatbot_daily",
            "delete from {table} where date_key = date '2026-01-31' and channel = 'line'",
            {"every_day_of_a_channel"},
        ),
        (
            "chatbot_daily",
            "update {table} set leads = 0, lead_rate = 0 where channel = 'line' "
            "and conversations > 0",
            {"channels_add_up"},
        ),
        (
            "chatbot_daily",
            "update {table} set followers = 9, reachable = 6 where date_key = date '2026-01-31'",
            {"friends_come_and_go"},
        ),
        (
            "chatbot_daily",
            "update {table} set reachable = 10",
            {"friends_of_line_alone"},
        ),
        ("support_topic", "select 1", set()),
        (
            "support_topic",
            "update {table} set complaints = 1 where topic = 'all' and channel = 'line'",
            {"topics_add_up", "channels_add_up"},
        ),
        (
            "support_topic",
            "update {table} set ticket_share = 0.5",
            {"rates_are_ratios"},
        ),
        (
            "support_topic",
            "update {table} set tickets_month_before = 1, tickets_change = 1, is_complete = false",
            {"compared_with_whole_months"},
        ),
        (
            "support_topic",
            "update {table} set median_first_reply_min_calendar = 11",
            {"medians_equal_tickets"},
        ),
        (
            "support_topic",
            "update marts.support_ticket set ticket_type = 'complaint' where ticket_id = 't1'",
            {"complaints_equal_tickets"},
        ),
    ],
)
def test_a_fault_breaks_its_rule(chats: Path, facts, table, statement, failed) -> None:
    with duckdb.connect(chats) as connection:
        connection.execute(statement.format(table=f"marts.{table}"))
    results = run_suites(chats, [find_suite(f"marts.{table}")], facts)
    assert {result.rule for result in results if not result.passed} == failed
