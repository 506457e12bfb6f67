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

sales_lines as (
    select * from {{ ref('int_sales_lines') }}
    where is_revenue
),

products as (
    select * from {{ ref('int_products') }}
),

-- What was returned in full before the first order belongs to no order.
receipts_since_first_order as (
    select
        receipts.receipt_id,
        receipts.customer_key,
        receipts.net_sales_order_dated
    from receipts
    inner join first_orders on receipts.customer_key = first_orders.customer_key
    where receipts.business_date >= first_orders.first_q_date
),

sum_sales as (
    select
        customer_key,
        sum(net_sales_order_dated) as net_sales
    from receipts_since_first_order
    group by customer_key
),

sum_margins as (
    select
        receipts_since_first_order.customer_key,
        {{ sum_margin('sales_lines', 'products') }} as margin,
        {{ sum_covered_amount('sales_lines', 'products') }} as covered_amount,
        sum(abs(sales_lines.net_sales)) as total_amount
    from sales_lines
    inner join receipts_since_first_order
        on sales_lines.order_receipt_id = receipts_since_first_order.receipt_id
    left join products on sales_lines.product_id = products.product_id
    group by receipts_since_first_order.customer_key
),

final as (
    select
        sum_sales.customer_key,
        cast(sum_sales.net_sales as decimal(18, 2)) as ltv_historic,
        cast(sum_margins.margin as decimal(18, 2)) as ltv_margin,
        {{ ratio('coalesce(sum_margins.covered_amount, 0)', 'sum_margins.total_amount') }}
            as cost_coverage
    from sum_sales
    left join sum_margins on sum_sales.customer_key = sum_margins.customer_key
)

select * from final
