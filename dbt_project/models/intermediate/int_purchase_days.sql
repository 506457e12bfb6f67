{{ config(materialized='table') }}

with

receipts as (
    select * from {{ ref('int_sales_receipts') }}
    where is_qualifying and customer_key is not null
),

stores as (
    select * from {{ ref('int_stores') }}
),

-- Several receipts of one business date are one purchase day; the first of them names the store.
sum_days as (
    select
        customer_key,
        business_date,
        count(*) as q_orders,
        sum(net_sales_order_dated) as net_sales
    from receipts
    group by customer_key, business_date
),

find_stores as (
    select
        customer_key,
        business_date,
        store_id
    from receipts
    qualify row_number() over (
        partition by customer_key, business_date
        order by closed_at asc nulls last, receipt_id asc nulls last
    ) = 1
),

final as (
    select
        sum_days.customer_key,
        sum_days.business_date,
        row_number() over (
            partition by sum_days.customer_key order by sum_days.business_date asc nulls last
        ) as day_number,
        lag(sum_days.business_date) over (
            partition by sum_days.customer_key order by sum_days.business_date asc nulls last
        ) as previous_date,
        sum_days.q_orders,
        sum_days.net_sales,
        find_stores.store_id,
        stores.channel
    from sum_days
    inner join find_stores
        on
            sum_days.customer_key = find_stores.customer_key
            and sum_days.business_date = find_stores.business_date
    left join stores on find_stores.store_id = stores.store_id
)

select * from final
