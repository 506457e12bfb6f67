{{ config(materialized='table') }}

with

sales_lines as (
    select * from {{ ref('int_sales_lines') }}
    where
        receipt_type = 'sale'
        and line_type = 'sale'
        and quantity > 0
        and not is_internal
),

products as (
    select * from {{ ref('int_products') }}
    where is_sample or membership_months > 0
),

sum_lines as (
    select
        sales_lines.receipt_id,
        sales_lines.product_id,
        products.is_sample,
        sales_lines.customer_key,
        sales_lines.business_date,
        sales_lines.closed_at,
        sum(sales_lines.net_sales) as net_sales
    from sales_lines
    inner join products on sales_lines.product_id = products.product_id
    group by 1, 2, 3, 4, 5, 6
),

-- A sample is one whatever it costs; a membership is tried as long as nothing is paid for it.
final as (
    select
        receipt_id,
        product_id,
        case when is_sample then 'sample' else 'trial_membership' end as trial_kind,
        customer_key,
        business_date,
        closed_at
    from sum_lines
    where is_sample or net_sales = 0
)

select * from final
