with

sales_lines as (
    select * from {{ ref('int_sales_lines') }}
)

select
    receipt_id,
    line_no,
    store_id,
    customer_key,
    product_id,
    order_receipt_id,
    line_type,
    receipt_type,
    business_date,
    order_business_date,
    closed_at,
    cast(quantity as decimal(18, 3)) as quantity,
    cast(item_quantity as bigint) as item_quantity,
    cast(unit_price as decimal(18, 6)) as unit_price,
    cast(list_price as decimal(18, 6)) as list_price,
    cast(line_amount as decimal(18, 2)) as line_amount,
    cast(line_discount_amount as decimal(18, 2)) as line_discount_amount,
    cast(receipt_discount_amount as decimal(18, 2)) as receipt_discount_amount,
    cast(points_amount as decimal(18, 2)) as points_amount,
    cast(tax_rate as decimal(7, 4)) as tax_rate,
    cast(tax_amount as decimal(18, 2)) as tax_amount,
    tax_included,
    cast(net_amount as decimal(18, 2)) as net_amount,
    cast(amount_inc_tax as decimal(18, 2)) as amount_inc_tax,
    cast(net_sales as decimal(18, 2)) as net_sales,
    is_revenue,
    is_merchandise,
    is_return,
    is_unlinked_return,
    is_internal,
    currency
from sales_lines
