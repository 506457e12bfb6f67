with

attribution as (
    select * from {{ ref('int_campaign_attribution') }}
)

select
    receipt_id,
    customer_key,
    campaign_id,
    variant,
    is_holdout,
    channel,
    touch_type,
    touched_at,
    ordered_at,
    touch_date,
    business_date,
    hours_to_order,
    window_hours,
    attribution_clock,
    store_id,
    net_sales_order_dated,
    new_or_repeat
from attribution
