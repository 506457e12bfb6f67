with

tickets as (
    select * from {{ ref('stg_support__tickets') }}
    where created_date <= {{ as_of_date() }}
),

states as (
    select * from {{ ref('int_ticket_states') }}
),

status_changes as (
    select * from {{ ref('stg_support__ticket_events') }}
    where field = 'status' and occurred_date <= {{ as_of_date() }}
),

number_changes as (
    select
        status_changes.ticket_id,
        status_changes.old_value,
        status_changes.new_value,
        greatest(status_changes.occurred_at, tickets.created_at) as changed_at,
        row_number() over (
            partition by status_changes.ticket_id
            order by
                status_changes.occurred_at asc nulls last,
                status_changes.ticket_event_id asc nulls last
        ) as change_number
    from status_changes
    inner join tickets on status_changes.ticket_id = tickets.ticket_id
),

-- Until its first change a ticket was what that change replaced; without one, what it still is. Of
-- a ticket that was solved and tells of no change nobody knows how long it waited.
list_starts as (
    select
        tickets.ticket_id,
        0 as change_number,
        case
            when number_changes.ticket_id is not null then coalesce(number_changes.old_value, 'new')
            else states.status
        end as status,
        tickets.created_at as from_at
    from tickets
    inner join states on tickets.ticket_id = states.ticket_id
    left join number_changes
        on tickets.ticket_id = number_changes.ticket_id and number_changes.change_number = 1
    where number_changes.ticket_id is not null or states.status not in ('solved', 'closed')
    union all
    select
        ticket_id,
        change_number,
        new_value,
        changed_at
    from number_changes
),

final as (
    select
        ticket_id,
        change_number,
        status,
        from_at,
        coalesce(
            lead(from_at) over (
                partition by ticket_id order by change_number asc nulls last
            ),
            {{ as_of_end() }}
        ) as to_at
    from list_starts
)

select * from final
