with

tickets as (
    select * from {{ ref('int_tickets') }}
),

ticket_minutes as (
    select * from {{ ref('int_ticket_minutes') }}
),

final as (
    select
        'first_reply_p50' as kpi,
        tickets.ticket_id,
        tickets.created_date as business_date,
        ticket_minutes.first_reply_min_calendar as minutes
    from ticket_minutes
    inner join tickets on ticket_minutes.ticket_id = tickets.ticket_id
    where ticket_minutes.first_reply_min_calendar is not null
    union all
    select
        'full_resolution_p50',
        tickets.ticket_id,
        {{ company_date('tickets.last_solved_at') }},
        ticket_minutes.full_resolution_min_calendar
    from ticket_minutes
    inner join tickets on ticket_minutes.ticket_id = tickets.ticket_id
    where ticket_minutes.full_resolution_min_calendar is not null
)

select * from final
