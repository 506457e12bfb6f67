with

offered_ratings as (
    select * from {{ ref('stg_support__satisfaction_ratings') }}
    where offered_date <= {{ as_of_date() }}
),

given_ratings as (
    select * from {{ ref('int_ticket_ratings') }}
),

tickets as (
    select * from {{ ref('stg_support__tickets') }}
),

assignments as (
    select * from {{ ref('stg_support__ticket_events') }}
    where field = 'assignee'
),

find_last_ratings as (
    select
        ticket_id,
        csat_score,
        is_good,
        rated_at
    from given_ratings
    qualify row_number() over (
        partition by ticket_id
        order by rated_at desc nulls last, rating_id desc nulls last
    ) = 1
),

-- Whoever had the ticket when it was rated: the last assignment up to then, else what the first one
-- after it replaced.
find_assignees as (
    select
        assignments.ticket_id,
        case
            when assignments.occurred_at <= find_last_ratings.rated_at then assignments.new_value
            else assignments.old_value
        end as assignee_id
    from assignments
    inner join find_last_ratings on assignments.ticket_id = find_last_ratings.ticket_id
    qualify row_number() over (
        partition by assignments.ticket_id
        order by
            case when assignments.occurred_at <= find_last_ratings.rated_at then 0 else 1 end
            asc nulls last,
            abs({{ seconds_between('assignments.occurred_at', 'find_last_ratings.rated_at') }})
            asc nulls last,
            case
                when assignments.occurred_at <= find_last_ratings.rated_at
                    then assignments.ticket_event_id
            end desc nulls last,
            assignments.ticket_event_id asc nulls last
    ) = 1
),

final as (
    select
        tickets.ticket_id,
        find_last_ratings.csat_score,
        find_last_ratings.is_good as is_csat_good,
        case
            when find_last_ratings.ticket_id is null then null
            when find_assignees.ticket_id is not null then find_assignees.assignee_id
            else tickets.assignee_id
        end as csat_assignee_id
    from tickets
    left join find_last_ratings on tickets.ticket_id = find_last_ratings.ticket_id
    left join find_assignees on tickets.ticket_id = find_assignees.ticket_id
    where
        find_last_ratings.ticket_id is not null
        or tickets.ticket_id in (select ticket_id from offered_ratings)
)

select * from final
