select
    receipts.receipt_id,
    receipts.member_id,
    receipts.store_id,
    stores.channel,
    receipts.business_date,
    receipts.closed_at,
    receipts.receipt_type,
    receipts.total_inc_tax,
    receipts.total_inc_tax - receipts.tax_total as net_sales,
    receipts.discount_total
from {{ ref('stg_receipts') }} as receipts
left join {{ ref('stg_stores') }} as stores using (store_id)
