with

dates as (
    select * from {{ ref('int_dates') }}
),

final as (
    select
        date_key,
        cast(extract(year from date_key) as bigint) as year,
        cast(date_trunc('month', date_key) as date) as month_start,
        cast(extract(week from date_key) as bigint) as iso_week,
        cast({{ iso_day_of_week('date_key') }} as bigint) as day_of_week,
        {{ iso_day_of_week('date_key') }} >= 6 as is_weekend
    from dates
)

select * from final
