{{ config(materialized='table') }}

with

receipts as (
    select * from {{ ref('int_receipts') }}
),

email_events as (
    select * from {{ ref('int_email_events') }}
),

tickets as (
    select * from {{ ref('int_tickets') }}
),

find_first_date as (
    select coalesce(min(first_date), {{ as_of_date() }}) as first_date
    from (
        select min(business_date) as first_date from receipts
        union all
        select min(event_date) from email_events
        union all
        select min(created_date) from tickets
    ) as first_dates
),

count_days as (
    {{ day_numbers() }}
),

final as (
    select cast({{ add_days('find_first_date.first_date', 'count_days.day_number') }} as date)
        as date_key
    from find_first_date
    inner join count_days
        on
            count_days.day_number
            <= {{ days_between('find_first_date.first_date', as_of_date()) }}
)

select * from final
