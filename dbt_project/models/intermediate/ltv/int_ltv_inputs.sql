{{ config(materialized='table') }}

with

purchase_days as (
    select * from {{ ref('int_purchase_days') }}
),

customers as (
    select * from {{ ref('int_customers') }}
    where not is_internal
),

cohorts as (
    select * from {{ ref('int_customer_cohorts') }}
),

sum_days as (
    select
        customer_key,
        min(business_date) as first_q_date,
        max(business_date) as last_q_date,
        sum(q_orders) as q_orders,
        count(*) as purchase_days,
        sum(net_sales) as q_net_sales,
        sum(net_sales) filter (where day_number > 1) as repeat_net_sales
    from purchase_days
    group by customer_key
),

final as (
    select
        sum_days.customer_key,
        cohorts.channel || case when cohorts.is_existing then '-existing' else '-new' end
            as ltv_segment,
        sum_days.first_q_date,
        sum_days.last_q_date,
        cast(sum_days.q_orders as bigint) as q_orders,
        cast(sum_days.purchase_days as bigint) as purchase_days,
        cast(sum_days.q_net_sales as decimal(18, 2)) as q_net_sales,
        cast(sum_days.purchase_days - 1 as bigint) as repeat_days,
        cast({{ days_between('sum_days.first_q_date', 'sum_days.last_q_date') }} as bigint)
            as days_to_last,
        cast({{ days_between('sum_days.first_q_date', as_of_date()) }} as bigint)
            as days_observed,
        cast(coalesce(sum_days.repeat_net_sales, 0) as decimal(18, 2)) as repeat_net_sales
    from sum_days
    inner join customers on sum_days.customer_key = customers.customer_key
    inner join cohorts on sum_days.customer_key = cohorts.customer_key
)

select * from final
