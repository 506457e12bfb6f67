select
    receipt_id,
    line_no::integer as line_no,
    product_id,
    quantity::decimal(18, 3) as quantity,
    unit_price::decimal(18, 2) as unit_price,
    line_amount::decimal(18, 2) as line_amount,
    try_cast(tax_rate as decimal(7, 4)) as tax_rate,
    line_type
from {{ source('raw_pos', 'receipt_lines') }}
qualify row_number() over (partition by receipt_id, line_no order by file desc) = 1
