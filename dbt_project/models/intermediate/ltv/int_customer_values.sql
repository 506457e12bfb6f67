with

first_orders as (
    select customer_key, min(business_date) as first_q_date
    from {{ ref('int_purchase_days') }}
    group by customer_key
),

receipts as (
    select * from {{ ref('int_sales_receipts') }}
    where customer_key is not null
),

-- What was returned in full before the first order belongs to no order.
sum_receipts as (
    select
        receipts.customer_key,
        sum(receipts.net_sales_order_dated) as net_sales,
        sum(receipts.order_margin) as margin,
        sum(receipts.order_covered_turnover) as covered_turnover,
        sum(receipts.order_turnover) as turnover
    from receipts
    inner join first_orders on receipts.customer_key = first_orders.customer_key
    where receipts.business_date >= first_orders.first_q_date
    group by receipts.customer_key
),

final as (
    select
        customer_key,
        cast(net_sales as decimal(18, 2)) as ltv_historic,
        cast(margin as decimal(18, 2)) as ltv_margin,
        {{ ratio('covered_turnover', 'turnover') }} as cost_coverage
    from sum_receipts
)

select * from final
