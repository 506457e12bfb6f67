{{ config(materialized='table') }}

with

receipts as (
    select * from {{ ref('int_receipts') }}
),

month_numbers as (
    select 0 as month_number
    {%- for number in range(1, var('history_months')) %}
    union all select {{ number }}
    {%- endfor %}
),

day_numbers as (
    select 0 as day_number
    {%- for number in range(1, var('history_days')) %}
    union all select {{ number }}
    {%- endfor %}
),

list_dates as (
    select
        {{ add_days(add_months(
            "cast(date_trunc('month', " ~ add_days(as_of_date(), '1') ~ ") as date)",
            '-month_number'
        ), '-1') }} as state_date
    from month_numbers
    union
    select {{ add_days(as_of_date(), '-day_number') }} as state_date
    from day_numbers
),

find_first_date as (
    select min(business_date) as first_date from receipts
),

final as (
    select
        cast(state_date as date) as state_date,
        {{ is_month_end('state_date') }} as is_month_end,
        state_date = {{ as_of_date() }} as is_as_of
    from list_dates
    cross join find_first_date
    where state_date >= find_first_date.first_date
)

select * from final
