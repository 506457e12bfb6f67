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

digits as (
    select 0 as digit
    {%- for digit in range(1, 10) %}
    union all select {{ digit }}
    {%- endfor %}
),

-- Up to 99,999 days, 273 years.
count_days as (
    select
        ones.digit + 10 * tens.digit + 100 * hundreds.digit
        + 1000 * thousands.digit + 10000 * ten_thousands.digit as day_number
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
    cross join digits as ten_thousands
),

list_dates as (
    select cast({{ add_days('find_first_date.first_date', 'count_days.day_number') }} as date)
        as date_key
    from find_first_date
    inner join count_days
        on
            count_days.day_number
            <= {{ days_between('find_first_date.first_date', as_of_date()) }}
),

final as (
    select
        date_key,
        cast(extract(year from date_key) as bigint) as year,
        cast(date_trunc('month', date_key) as date) as month_start,
        cast(extract(week from date_key) as bigint) as iso_week,
        cast({{ iso_day_of_week('date_key') }} as bigint) as day_of_week,
        {{ iso_day_of_week('date_key') }} >= 6 as is_weekend
    from list_dates
)

select * from final
