with

dates as (
    select * from {{ ref('dim_date') }}
),

receipts as (
    select * from {{ ref('fct_sales_receipt') }}
),

spells as (
    select
        *,
        {{ last_day_of_month('from_date') }} as month_end
    from {{ ref('int_lifecycle_spells') }}
),

find_first_month as (
    select {{ last_day_of_month('min(business_date)') }} as month_end from receipts
),

list_months as (
    select date_key as month_end
    from dates
    where date_key = {{ last_day_of_month('date_key') }}
),

-- The spell in force at a month's end began in that month, or was in force at the end before.
begin_at_month_ends as (
    select
        lifecycle_status as to_status,
        month_end,
        coalesce(
            lag(lifecycle_status) over (
                partition by customer_key order by from_date asc nulls last
            ),
            'prospect'
        ) as from_status,
        lead(month_end) over (
            partition by customer_key order by from_date asc nulls last
        ) as next_month_end
    from spells
    where
        month_end <= {{ as_of_date() }}
        and (to_date is null or to_date > month_end)
),

count_changes as (
    select
        month_end,
        from_status,
        to_status,
        count(*) as customers
    from begin_at_month_ends
    group by month_end, from_status, to_status
),

count_runs as (
    select
        to_status,
        month_end,
        next_month_end,
        count(*) as customers
    from begin_at_month_ends
    group by to_status, month_end, next_month_end
),

-- Those who are where they were at the month end before.
count_stays as (
    select
        list_months.month_end,
        count_runs.to_status as from_status,
        count_runs.to_status,
        sum(count_runs.customers) as customers
    from list_months
    inner join count_runs
        on
            list_months.month_end > count_runs.month_end
            and list_months.month_end < coalesce(
                count_runs.next_month_end, {{ add_days(as_of_date(), '1') }}
            )
    group by list_months.month_end, count_runs.to_status
),

add_up as (
    select
        month_end,
        from_status,
        to_status,
        sum(customers) as customers
    from (
        select * from count_changes
        union all
        select * from count_stays
    ) as counted
    group by month_end, from_status, to_status
),

final as (
    select
        add_up.month_end,
        add_up.from_status,
        add_up.to_status,
        cast(add_up.customers as bigint) as customers,
        add_up.from_status in ('new', 'active', 'at_risk', 'reactivated') as is_from_active,
        add_up.to_status in ('dormant', 'lost') as is_to_dormant
    from add_up
    inner join find_first_month on add_up.month_end > find_first_month.month_end
)

select * from final
