with

tickets as (
    select * from {{ ref('stg_support__tickets') }}
),

later_changes as (
    select * from {{ ref('stg_support__ticket_events') }}
    where field in ('status', 'group', 'priority') and occurred_date > {{ as_of_date() }}
),

-- A change after the as-of date has not happened: what it replaced still stands.
find_replaced_values as (
    select
        ticket_id,
        field,
        old_value
    from later_changes
    qualify row_number() over (
        partition by ticket_id, field
        order by occurred_at asc nulls last, ticket_event_id asc nulls last
    ) = 1
),

pivot_replaced_values as (
    select
        ticket_id,
        max(old_value) filter (where field = 'status') as status,
        bool_or(field = 'group') as is_group_replaced,
        max(old_value) filter (where field = 'group') as group_id,
        bool_or(field = 'priority') as is_priority_replaced,
        max(old_value) filter (where field = 'priority') as priority
    from find_replaced_values
    group by ticket_id
),

final as (
    select
        tickets.ticket_id,
        coalesce(replaced.status, tickets.status) as status,
        case when replaced.is_group_replaced then replaced.group_id else tickets.group_id end
            as group_id,
        case when replaced.is_priority_replaced then replaced.priority else tickets.priority end
            as priority
    from tickets
    left join pivot_replaced_values as replaced on tickets.ticket_id = replaced.ticket_id
)

select * from final
