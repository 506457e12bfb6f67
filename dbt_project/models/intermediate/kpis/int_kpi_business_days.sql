with

targets as (
    select * from {{ ref('int_kpi_targets') }}
),

closings as (
    select * from {{ source('plans', 'store_closings') }}
),

count_days as (
    {{ day_numbers() }}
),

-- No more days than the longest period has.
limit_days as (
    select count_days.day_number
    from count_days
    inner join (
        select max({{ days_between('period_start', 'period_end') }}) as last_day from targets
    ) as longest on count_days.day_number <= longest.last_day
),

list_days as (
    select
        targets.line,
        targets.scope_key,
        targets.measured_to,
        {{ add_days('targets.period_start', 'limit_days.day_number') }} as business_date
    from targets
    inner join limit_days
        on
            limit_days.day_number
            <= {{ days_between('targets.period_start', 'targets.period_end') }}
),

-- What is closed for all is closed for the company and each store; a store has its own days too.
find_closed_days as (
    select distinct
        list_days.line,
        list_days.business_date
    from list_days
    inner join closings
        on
            closings.scope_key in ('all', list_days.scope_key)
            and (
                closings.closed_on = list_days.business_date
                or closings.day_of_week = {{ iso_day_of_week('list_days.business_date') }}
            )
),

final as (
    select
        list_days.line,
        count(*) filter (where find_closed_days.line is null) as business_days,
        count(*) filter (
            where
            find_closed_days.line is null
            and list_days.business_date <= list_days.measured_to
        ) as elapsed_business_days
    from list_days
    left join find_closed_days
        on
            list_days.line = find_closed_days.line
            and list_days.business_date = find_closed_days.business_date
    group by list_days.line
)

select * from final
