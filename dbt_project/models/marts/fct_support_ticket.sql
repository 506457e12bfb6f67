with

tickets as (
    select * from {{ ref('int_tickets') }}
)

select
    ticket_id,
    customer_key,
    channel,
    ticket_type,
    topic,
    priority,
    status,
    created_at,
    created_date,
    first_reply_at,
    first_reply_minutes,
    first_solved_at,
    last_solved_at,
    cast(solve_count as bigint) as solve_count,
    cast(reopens as bigint) as reopens,
    cast(agent_replies as bigint) as agent_replies,
    is_solved,
    is_merged,
    store_id,
    related_receipt_id,
    csat_score
from tickets
