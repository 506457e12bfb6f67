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

find_first_coupons as (
    select min(happened_at) as first_at
    from (
        select issued_at as happened_at from coupons
        union all
        select redeemed_at from redemptions
    ) as known
),

final as (
    select
        orders.receipt_id,
        orders.customer_key,
        orders.closed_at,
        coalesce(orders.order_margin, 0) as margin,
        orders.order_covered_turnover as covered_amount,
        orders.order_turnover as total_amount
    from orders
    inner join find_first_coupons on orders.closed_at >= find_first_coupons.first_at
)

select * from final
