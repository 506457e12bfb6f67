{{ config(
    materialized='kept', prints='int_receipt_prints', touched='int_receipts_of_touched_customers',
    kept_by='receipt_id'
) }}

with

receipts as (
    select * from {{ ref('int_sales_receipts') }}
    where {{ is_receipt_of_touched_customer() }}
)

select
    receipt_id,
    store_id,
    customer_key,
    staff_id,
    register_id,
    receipt_type,
    original_receipt_id,
    currency,
    business_date,
    closed_at,
    line_count,
    item_quantity,
    order_item_quantity,
    net_sales_refund_dated,
    net_sales_order_dated,
    returns_amount,
    discount_amount,
    points_amount,
    tax_amount,
    total_inc_tax,
    is_qualifying,
    is_unlinked_return,
    is_internal,
    new_or_repeat
from receipts
