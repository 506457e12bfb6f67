with

customers as (
    select * from {{ ref('dim_customer') }}
    where not is_internal
),

receipts as (
    select * from {{ ref('fct_sales_receipt') }}
    where customer_key is not null
),

sales_lines as (
    select * from {{ ref('fct_sales_line') }}
    where is_revenue
),

products as (
    select * from {{ ref('dim_product') }}
),

sum_orders as (
    select
        customer_key,
        min(business_date) as first_q_date,
        max(business_date) as last_q_date,
        count(*) as q_orders,
        sum(net_sales_order_dated) as q_net_sales
    from receipts
    where is_qualifying
    group by customer_key
),

receipts_since_first_order as (
    select
        receipts.receipt_id,
        receipts.customer_key,
        receipts.net_sales_order_dated
    from receipts
    inner join sum_orders on receipts.customer_key = sum_orders.customer_key
    where receipts.business_date >= sum_orders.first_q_date
),

sum_sales as (
    select
        customer_key,
        sum(net_sales_order_dated) as net_sales
    from receipts_since_first_order
    group by customer_key
),

-- Returns take their cost back with them, on the sale that they belong to.
sum_margins as (
    select
        receipts_since_first_order.customer_key,
        sum(
            sales_lines.net_sales
            - cast(sales_lines.quantity * products.unit_cost as decimal(18, 2))
        ) filter (where products.unit_cost is not null) as margin,
        sum(abs(sales_lines.net_sales)) filter (where products.unit_cost is not null)
            as covered_amount,
        sum(abs(sales_lines.net_sales)) as total_amount
    from sales_lines
    inner join receipts_since_first_order
        on sales_lines.order_receipt_id = receipts_since_first_order.receipt_id
    left join products on sales_lines.product_id = products.product_id
    group by receipts_since_first_order.customer_key
),

final as (
    select
        customers.customer_key,
        sum_orders.first_q_date,
        sum_orders.last_q_date,
        cast(coalesce(sum_orders.q_orders, 0) as bigint) as q_orders,
        cast(coalesce(sum_sales.net_sales, 0) as decimal(18, 2)) as ltv_historic,
        cast(sum_margins.margin as decimal(18, 2)) as ltv_margin,
        {{ ratio('coalesce(sum_margins.covered_amount, 0)', 'sum_margins.total_amount') }}
            as cost_coverage,
        {{ ratio('sum_orders.q_net_sales', 'sum_orders.q_orders') }} as average_order_value,
        'not_fitted' as prediction_status
    from customers
    left join sum_orders on customers.customer_key = sum_orders.customer_key
    left join sum_sales on customers.customer_key = sum_sales.customer_key
    left join sum_margins on customers.customer_key = sum_margins.customer_key
)

select * from final
