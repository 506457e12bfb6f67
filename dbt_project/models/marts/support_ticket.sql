with

tickets as (
    select * from {{ ref('int_tickets') }}
),

ticket_minutes as (
    select * from {{ ref('int_ticket_minutes') }}
),

ticket_csat as (
    select * from {{ ref('int_ticket_csat') }}
),

final as (
    select
        tickets.ticket_id,
        tickets.customer_key,
        tickets.store_id,
        tickets.related_receipt_id,
        tickets.channel,
        tickets.ticket_type,
        tickets.topic,
        tickets.priority,
        tickets.status,
        tickets.created_at,
        tickets.created_date,
        tickets.schedule_id,
        tickets.first_reply_at,
        ticket_minutes.first_reply_min_calendar,
        ticket_minutes.first_reply_min_business,
        case when not tickets.is_merged then
            round(
                cast({{ seconds_between(
                    'tickets.last_reopened_at', 'tickets.first_reply_since_reopen_at'
                ) }} as double) / 60,
                9
            )
        end as first_reply_min_since_reopen,
        tickets.first_solved_at,
        tickets.last_solved_at,
        {{ company_date('tickets.last_solved_at') }} as solved_date,
        ticket_minutes.first_resolution_min_calendar,
        ticket_minutes.first_resolution_min_business,
        ticket_minutes.full_resolution_min_calendar,
        ticket_minutes.full_resolution_min_business,
        ticket_minutes.requester_wait_min_calendar,
        ticket_minutes.requester_wait_min_business,
        ticket_minutes.agent_wait_min_calendar,
        ticket_minutes.agent_wait_min_business,
        cast(tickets.solve_count as bigint) as solve_count,
        cast(tickets.reopens as bigint) as reopens,
        cast(tickets.agent_replies as bigint) as replies,
        tickets.is_solved and not tickets.is_merged and tickets.agent_replies = 1 as is_one_touch,
        tickets.is_solved,
        tickets.is_merged,
        ticket_csat.ticket_id is not null as is_csat_offered,
        ticket_csat.csat_score,
        ticket_csat.is_csat_good,
        ticket_csat.csat_assignee_id
    from tickets
    left join ticket_minutes on tickets.ticket_id = ticket_minutes.ticket_id
    left join ticket_csat on tickets.ticket_id = ticket_csat.ticket_id
)

select * from final
