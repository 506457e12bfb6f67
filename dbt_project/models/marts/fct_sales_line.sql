{{ config(
    materialized='kept', prints='int_receipt_prints', touched='int_touched_receipts',
    kept_by='receipt_id'
) }}

with

sales_lines as (
    select * from {{ ref('int_sales_lines') }}
    where {{ is_touched_receipt() }}
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
    quantity,
    item_quantity,
    unit_price,
    list_price,
    line_amount,
    line_discount_amount,
    receipt_discount_amount,
    points_amount,
    tax_rate,
    tax_amount,
    tax_included,
    net_amount,
    amount_inc_tax,
    net_sales,
    is_revenue,
    is_merchandise,
    is_return,
    is_unlinked_return,
    is_internal,
    currency
from sales_lines
