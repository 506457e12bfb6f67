select receipt_id, payment_no::integer as payment_no, method, amount::decimal(18, 2) as amount
from {{ source('raw_pos', 'payments') }}
qualify row_number() over (partition by receipt_id, payment_no order by file desc) = 1
