with

tickets as (
    select * from {{ ref('stg_support__tickets') }}
    where created_date <= {{ as_of_date() }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
    where source_system = 'support'
),

replies as (
    select * from {{ ref('int_ticket_replies') }}
),

solutions as (
    select * from {{ ref('int_ticket_solutions') }}
),

statuses as (
    select * from {{ ref('int_ticket_statuses') }}
),

latest_ratings as (
    select * from {{ ref('int_ticket_ratings') }}
    qualify row_number() over (
        partition by ticket_id
        order by rated_at desc nulls last, rating_id desc nulls last
    ) = 1
),

final as (
    select
        tickets.ticket_id,
        identity_links.customer_key,
        tickets.channel,
        tickets.type as ticket_type,
        tickets.topic,
        tickets.priority,
        statuses.status,
        tickets.created_at,
        tickets.created_date,
        replies.first_reply_at,
        round(
            cast({{ seconds_between('tickets.created_at', 'replies.first_reply_at') }} as double)
            / 60,
            9
        ) as first_reply_minutes,
        solutions.first_solved_at,
        solutions.last_solved_at,
        coalesce(solutions.solve_count, 0) as solve_count,
        greatest(coalesce(solutions.solve_count, 0) - 1, 0) as reopens,
        coalesce(replies.agent_replies, 0) as agent_replies,
        statuses.status in ('solved', 'closed') as is_solved,
        tickets.merged_into_ticket_id is not null as is_merged,
        tickets.store_id,
        tickets.related_receipt_id,
        latest_ratings.csat_score
    from tickets
    left join identity_links on tickets.requester_id_hash = identity_links.source_id
    left join replies on tickets.ticket_id = replies.ticket_id
    left join solutions on tickets.ticket_id = solutions.ticket_id
    left join statuses on tickets.ticket_id = statuses.ticket_id
    left join latest_ratings on tickets.ticket_id = latest_ratings.ticket_id
)

select * from final
