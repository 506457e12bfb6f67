with

status_changes as (
    select * from {{ ref('stg_support__ticket_events') }}
    where field = 'status' and occurred_date <= {{ as_of_date() }}
),

final as (
    select
        ticket_id,
        coalesce(
            min(occurred_at) filter (where new_value = 'solved'),
            min(occurred_at) filter (where new_value = 'closed')
        ) as first_solved_at,
        coalesce(
            max(occurred_at) filter (where new_value = 'solved'),
            min(occurred_at) filter (where new_value = 'closed')
        ) as last_solved_at,
        max(occurred_at) filter (
            where old_value = 'solved' and new_value not in ('solved', 'closed')
        ) as last_reopened_at,
        count(*) filter (
            where new_value = 'solved' and old_value is distinct from 'solved'
        ) as solve_count
    from status_changes
    group by ticket_id
)

select * from final
