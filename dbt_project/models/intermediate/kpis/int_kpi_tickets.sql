with

tickets as (
    select * from {{ ref('int_tickets') }}
),

ticket_times as (
    select * from {{ ref('int_kpi_ticket_times') }}
),

ratings as (
    select * from {{ ref('int_ticket_ratings') }}
),

measure_tickets as (
    select
        created_date as business_date,
        'all' as scope_type,
        'all' as scope_key,
        count(*) as tickets,
        count(*) filter (where ticket_type = 'complaint') as complaints
    from tickets
    group by created_date
),

measure_ratings as (
    select
        rated_date as business_date,
        'all' as scope_type,
        'all' as scope_key,
        count(*) as ratings,
        count(*) filter (where is_good) as good_ratings
    from ratings
    group by rated_date
),

measure_times as (
    select
        kpi,
        business_date,
        count(*) as tickets,
        median(minutes) as median_minutes
    from ticket_times
    group by kpi, business_date
),

final as (
    {{ kpi_rows('measure_tickets', {
        'tickets': ('tickets', '0'),
        'complaint_rate': ('1000 * complaints', '0'),
    }) }}
    union all
    {{ kpi_rows('measure_ratings', {'csat': ('good_ratings', 'ratings')}) }}
    union all
    select
        kpi,
        business_date,
        'all' as scope_type,
        'all' as scope_key,
        cast(null as decimal(18, 2)) as numerator,
        cast(tickets as decimal(18, 2)) as denominator,
        round(median_minutes, 9) as median
    from measure_times
)

select * from final
