with

tickets as (
    select * from {{ ref('stg_support__tickets') }}
),

later_status_changes as (
    select * from {{ ref('stg_support__ticket_events') }}
    where field = 'status' and occurred_date > {{ as_of_date() }}
),

-- A change after the as-of date has not happened: what it replaced still stands.
find_replaced_statuses as (
    select
        ticket_id,
        old_value as status
    from later_status_changes
    where old_value is not null
    qualify row_number() over (
        partition by ticket_id
        order by occurred_at asc nulls last, ticket_event_id asc nulls last
    ) = 1
),

final as (
    select
        tickets.ticket_id,
        coalesce(find_replaced_statuses.status, tickets.status) as status
    from tickets
    left join find_replaced_statuses on tickets.ticket_id = find_replaced_statuses.ticket_id
)

select * from final
