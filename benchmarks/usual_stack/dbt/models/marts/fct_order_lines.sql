select
    lines.receipt_id,
    lines.line_no,
    orders.member_id,
    orders.store_id,
    orders.business_date,
    lines.product_id,
    products.category_1,
    products.category_2,
    lines.quantity,
    lines.line_amount,
    lines.line_amount - lines.quantity * products.unit_cost as gross_profit
from {{ ref('stg_receipt_lines') }} as lines
inner join {{ ref('fct_orders') }} as orders using (receipt_id)
left join {{ ref('stg_products') }} as products using (product_id)
