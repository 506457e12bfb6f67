select
    receipt_id,
    store_id,
    nullif(member_id, '') as member_id,
    receipt_type,
    try_cast(closed_at as timestamp) as closed_at,
    coalesce(try_cast(business_date as date), try_cast(closed_at as date)) as business_date,
    try_cast(total_inc_tax as decimal(18, 2)) as total_inc_tax,
    try_cast(tax_total as decimal(18, 2)) as tax_total,
    try_cast(discount_total as decimal(18, 2)) as discount_total,
    try_cast(points_used as decimal(18, 2)) as points_used
from {{ source('raw_pos', 'receipts') }}
where receipt_type in ('sale', 'return')
qualify row_number() over (partition by receipt_id order by updated_at desc) = 1
