{{ config(materialized='table') }}

with

weekly_hours as (
    select * from {{ ref('int_weekly_hours') }}
),

holidays as (
    select * from {{ source('plans', 'holidays') }}
),

tickets as (
    select * from {{ ref('stg_support__tickets') }}
    where created_date <= {{ as_of_date() }}
),

day_numbers as (
    {{ day_numbers() }}
),

-- To the day after the as-of date, on which what still waits is counted up to midnight.
list_dates as (
    select cast({{ add_days('first_dates.first_date', 'day_numbers.day_number') }} as date)
        as local_date
    from (select min(created_date) as first_date from tickets) as first_dates
    inner join day_numbers
        on
            day_numbers.day_number
            <= {{ days_between('first_dates.first_date', as_of_date()) }} + 1
),

find_holidays as (
    select distinct
        schedules.schedule_id,
        holidays.holiday_date
    from (select distinct schedule_id from weekly_hours) as schedules
    inner join holidays
        on holidays.group_id = 'all' or schedules.schedule_id = holidays.group_id
),

list_days as (
    select
        weekly_hours.schedule_id,
        list_dates.local_date,
        weekly_hours.from_second,
        weekly_hours.to_second,
        weekly_hours.is_open and find_holidays.schedule_id is null as is_open
    from list_dates
    inner join weekly_hours
        on {{ iso_day_of_week('list_dates.local_date') }} = weekly_hours.day_of_week
    left join find_holidays
        on
            weekly_hours.schedule_id = find_holidays.schedule_id
            and list_dates.local_date = find_holidays.holiday_date
),

final as (
    select
        schedule_id,
        local_date,
        from_second,
        to_second,
        is_open,
        cast(coalesce(
            sum(case when is_open then to_second - from_second else 0 end) over (
                partition by schedule_id
                order by local_date asc nulls last, from_second asc nulls last
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as bigint) as open_seconds_before
    from list_days
)

select * from final
