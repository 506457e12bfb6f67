with

tickets as (
    select * from {{ ref('int_tickets') }}
    where not is_merged
),

final as (
    select
        'first_reply_p50' as kpi,
        ticket_id,
        created_date as business_date,
        first_reply_minutes as minutes
    from tickets
    where first_reply_minutes is not null
    union all
    select
        'full_resolution_p50',
        ticket_id,
        {{ company_date('last_solved_at') }},
        round(
            cast(
                {{ seconds_between('created_at', 'greatest(last_solved_at, created_at)') }}
                as double
            ) / 60,
            9
        )
    from tickets
    where last_solved_at is not null
)

select * from final
