{{ config(materialized='table') }}

with

purchase_days as (
    select * from {{ ref('int_purchase_days') }}
    where day_number = 1
),

customers as (
    select * from {{ ref('int_customers') }}
),

receipts as (
    select * from {{ ref('int_receipts') }}
),

find_first_date as (
    select min(business_date) as first_date from receipts
),

-- Somebody who joined before the first receipt may have bought before it: the first order that
-- we see need not be the first one. With an order in the first year of the data they were customers
-- when it began; without one they had left, and were won back.
final as (
    select
        purchase_days.customer_key,
        purchase_days.business_date as first_q_date,
        cast(date_trunc('month', purchase_days.business_date) as date) as cohort_month,
        coalesce(purchase_days.store_id, 'unknown') as store_id,
        coalesce(purchase_days.channel, 'unknown') as channel,
        coalesce(customers.member_since < find_first_date.first_date, false) as is_left_censored,
        coalesce(
            customers.member_since < find_first_date.first_date
            and purchase_days.business_date < {{ add_days('find_first_date.first_date', '365') }},
            false
        ) as is_existing
    from purchase_days
    left join customers on purchase_days.customer_key = customers.customer_key
    cross join find_first_date
)

select * from final
