{{ config(materialized='table') }}

with

orders as (
    select * from {{ ref('int_sales_receipts') }}
    where is_qualifying
),

touches as (
    select
        *,
        {{ attribution_bucket('touched_at') }} as bucket
    from {{ ref('int_campaign_touches') }}
),

redemptions as (
    select * from {{ ref('int_coupon_redemptions') }}
    where receipt_id is not null
),

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

recipients as (
    select * from {{ ref('int_campaign_recipients') }}
),

-- A touch lies in the bucket of time of its order or in the one before.
order_buckets as (
    select
        receipt_id,
        customer_key,
        closed_at,
        {{ attribution_bucket('closed_at') }} as bucket
    from orders
    where customer_key is not null
    union all
    select
        receipt_id,
        customer_key,
        closed_at,
        {{ attribution_bucket('closed_at') }} - 1
    from orders
    where customer_key is not null
),

find_last_touches as (
    select
        order_buckets.receipt_id,
        touches.campaign_id,
        touches.entry_id,
        touches.touch_type,
        touches.touched_at,
        touches.window_hours
    from order_buckets
    inner join touches
        on
            order_buckets.customer_key = touches.customer_key
            and order_buckets.bucket = touches.bucket
    inner join campaigns on touches.campaign_id = campaigns.campaign_id
    where
        touches.touched_at <= order_buckets.closed_at
        and order_buckets.closed_at <= touches.ends_at
    qualify row_number() over (
        partition by order_buckets.receipt_id
        order by
            touches.touched_at desc nulls last,
            touches.touch_rank asc nulls last,
            campaigns.first_sent_at desc nulls last,
            touches.campaign_id asc nulls last,
            touches.entry_id asc nulls last
    ) = 1
),

find_coupons as (
    select
        redemptions.receipt_id,
        redemptions.campaign_id,
        redemptions.member_id_hash as entry_id,
        'coupon' as touch_type,
        redemptions.redeemed_at as touched_at,
        cast(null as integer) as window_hours
    from redemptions
    inner join campaigns on redemptions.campaign_id = campaigns.campaign_id
    qualify row_number() over (
        partition by redemptions.receipt_id
        order by
            redemptions.discount_amount desc nulls last,
            redemptions.redeemed_at desc nulls last,
            redemptions.redemption_id asc nulls last
    ) = 1
),

-- A coupon on the order beats every click and open.
attribute_orders as (
    select * from find_coupons
    union all
    select touches.*
    from find_last_touches as touches
    left join find_coupons as coupons on touches.receipt_id = coupons.receipt_id
    where coupons.receipt_id is null
),

join_orders as (
    select
        orders.*,
        touches.campaign_id,
        touches.entry_id,
        touches.touch_type,
        touches.touched_at,
        touches.window_hours,
        campaigns.channel
    from attribute_orders as touches
    inner join orders on touches.receipt_id = orders.receipt_id
    inner join campaigns on touches.campaign_id = campaigns.campaign_id
),

-- The entry of the audience that was touched; somebody who came another way, as by a card that no
-- list names, has the one of the same person.
find_entries as (
    select
        join_orders.*,
        recipients.variant,
        recipients.is_holdout
    from join_orders
    left join recipients
        on
            join_orders.campaign_id = recipients.campaign_id
            and join_orders.customer_key = recipients.customer_key
    qualify row_number() over (
        partition by join_orders.receipt_id
        order by
            coalesce(recipients.subscriber_id_hash, recipients.member_id_hash)
            = join_orders.entry_id desc nulls last,
            recipients.is_holdout asc nulls last,
            recipients.variant asc nulls last
    ) = 1
),

final as (
    select
        receipt_id,
        customer_key,
        campaign_id,
        variant,
        is_holdout,
        cast(channel as varchar) as channel,
        cast(touch_type as varchar) as touch_type,
        cast(touched_at as timestamp) as touched_at,
        closed_at as ordered_at,
        case
            when touch_type = 'coupon' then business_date else {{ company_date('touched_at') }}
        end as touch_date,
        business_date,
        case
            when touch_type <> 'coupon'
                then round(cast({{ seconds_between('touched_at', 'closed_at') }} as double) / 3600, 4)
        end as hours_to_order,
        cast(window_hours as integer) as window_hours,
        'interaction' as attribution_clock,
        store_id,
        net_sales_order_dated,
        new_or_repeat
    from find_entries
)

select * from final
