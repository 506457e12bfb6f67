-- What was allocated to the lines of a receipt is the discount and the points of the receipt, to
-- the last unit; a receipt without lines has nothing to allocate to.
with

allocated as (
    select
        receipt_id,
        sum(line_discount_amount + receipt_discount_amount) as discount_amount,
        sum(points_amount) as points_amount
    from {{ ref('fct_sales_line') }}
    group by receipt_id
)

select
    receipts.receipt_id,
    receipts.discount_total,
    allocated.discount_amount,
    receipts.points_used,
    allocated.points_amount
from {{ ref('int_receipts') }} as receipts
inner join allocated on receipts.receipt_id = allocated.receipt_id
where
    receipts.discount_total <> allocated.discount_amount
    {%- if var('points_as') == 'discount' %}
    or coalesce(receipts.points_used, 0) <> allocated.points_amount
    {%- endif %}
