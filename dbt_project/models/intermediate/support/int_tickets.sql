{{ config(materialized='table') }}

with

tickets as (
    select * from {{ ref('stg_support__tickets') }}
    where created_date <= {{ as_of_date() }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
    where source_system = 'support'
),

types_of_topics as (
    select * from {{ source('plans', 'ticket_types') }}
),

schedules as (
    select distinct schedule_id from {{ ref('int_weekly_hours') }}
),

replies as (
    select * from {{ ref('int_ticket_replies') }}
),

solutions as (
    select * from {{ ref('int_ticket_solutions') }}
),

states as (
    select * from {{ ref('int_ticket_states') }}
),

final as (
    select
        tickets.ticket_id,
        identity_links.customer_key,
        tickets.channel,
        coalesce(tickets.type, types_of_topics.ticket_type) as ticket_type,
        tickets.topic,
        states.priority,
        states.status,
        tickets.created_at,
        tickets.created_date,
        coalesce(schedules.schedule_id, 'all') as schedule_id,
        replies.first_reply_at,
        round(
            cast({{ seconds_between('tickets.created_at', 'replies.first_reply_at') }} as double)
            / 60,
            9
        ) as first_reply_minutes,
        solutions.last_reopened_at,
        replies.first_reply_since_reopen_at,
        solutions.first_solved_at,
        solutions.last_solved_at,
        coalesce(solutions.solve_count, 0) as solve_count,
        greatest(coalesce(solutions.solve_count, 0) - 1, 0) as reopens,
        coalesce(replies.agent_replies, 0) as agent_replies,
        states.status in ('solved', 'closed') as is_solved,
        tickets.merged_into_ticket_id is not null as is_merged,
        tickets.store_id,
        tickets.related_receipt_id
    from tickets
    left join identity_links on tickets.requester_id_hash = identity_links.source_id
    left join types_of_topics on tickets.topic = types_of_topics.topic
    left join replies on tickets.ticket_id = replies.ticket_id
    left join solutions on tickets.ticket_id = solutions.ticket_id
    left join states on tickets.ticket_id = states.ticket_id
    left join schedules on states.group_id = schedules.schedule_id
)

select * from final
