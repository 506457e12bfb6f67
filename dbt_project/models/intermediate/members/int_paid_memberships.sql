{{ config(materialized='table') }}

with

sales_lines as (
    select * from {{ ref('int_sales_lines') }}
),

products as (
    select * from {{ ref('int_products') }}
    where membership_months > 0
),

receipts as (
    select * from {{ ref('int_sales_receipts') }}
    where receipt_type = 'sale' and customer_key is not null and not is_internal
),

-- What was given back was not bought, and what was free is a trial.
final as (
    select
        receipts.receipt_id,
        receipts.customer_key,
        products.membership_months,
        receipts.business_date,
        receipts.closed_at,
        sum(sales_lines.net_sales) as net_sales
    from sales_lines
    inner join products on sales_lines.product_id = products.product_id
    inner join receipts on sales_lines.order_receipt_id = receipts.receipt_id
    group by 1, 2, 3, 4, 5
    having sum(sales_lines.quantity) > 0 and sum(sales_lines.net_sales) > 0
)

select * from final
