{{ config(materialized='table') }}

with

customers as (
    select * from {{ ref('int_customers') }}
    where not is_internal
),

first_dates as (
    select * from {{ ref('int_segment_first_dates') }}
),

state_dates as (
    select * from {{ ref('int_segment_dates') }}
),

count_dates as (
    select count(*) as dates from state_dates
),

list_days as (
    select member_since as calendar_date from customers
    union
    select left_on from customers
    union
    select first_date from first_dates
),

number_days as (
    {{ number_days('list_days', 'state_dates') }}
),

-- Nobody is in a segment before anything was known of them, but the last date has everybody.
number_bounds as (
    select
        customers.customer_key,
        customers.member_since,
        count_dates.dates,
        least(coalesce(known.date_number, 0), count_dates.dates - 1) as known_from,
        case
            when customers.is_member or customers.left_on is not null
                then coalesce(joined.date_number, 0)
            else count_dates.dates
        end as member_from,
        coalesce(departed.date_number, count_dates.dates) as member_to
    from customers
    cross join count_dates
    left join first_dates on customers.customer_key = first_dates.customer_key
    left join number_days as known on first_dates.first_date = known.calendar_date
    left join number_days as joined on customers.member_since = joined.calendar_date
    left join number_days as departed on customers.left_on = departed.calendar_date
    where count_dates.dates > 0
),

final as (
    select
        row_number() over (order by customer_key asc nulls last) as customer_number,
        customer_key,
        dates,
        known_from,
        member_since,
        member_from,
        greatest(member_from, member_to) as member_to
    from number_bounds
)

select * from final
