{{ config(materialized='table') }}

with

orders as (
    select * from {{ ref('int_sales_receipts') }}
    where is_qualifying
),

coupons as (
    select * from {{ ref('int_coupons_issued') }}
),

redemptions as (
    select * from {{ ref('int_coupon_redemptions') }}
),

sales_lines as (
    select * from {{ ref('int_sales_lines') }}
    where is_revenue
),

products as (
    select * from {{ ref('int_products') }}
),

find_first_coupons as (
    select min(happened_at) as first_at
    from (
        select issued_at as happened_at from coupons
        union all
        select redeemed_at from redemptions
    ) as known
),

orders_since_first_coupon as (
    select orders.receipt_id, orders.customer_key, orders.closed_at
    from orders
    inner join find_first_coupons on orders.closed_at >= find_first_coupons.first_at
),

final as (
    select
        orders.receipt_id,
        max(orders.customer_key) as customer_key,
        max(orders.closed_at) as closed_at,
        {{ amount_or_zero(sum_margin('sales_lines', 'products')) }} as margin,
        {{ amount_or_zero(sum_covered_amount('sales_lines', 'products')) }} as covered_amount,
        cast(sum(abs(sales_lines.net_sales)) as decimal(18, 2)) as total_amount
    from orders_since_first_coupon as orders
    inner join sales_lines on orders.receipt_id = sales_lines.order_receipt_id
    left join products on sales_lines.product_id = products.product_id
    group by orders.receipt_id
)

select * from final
