{{ config(materialized='table') }}

with

redemptions as (
    select * from {{ ref('stg_pos__coupon_redemptions') }}
),

receipts as (
    select * from {{ ref('int_receipts') }}
),

coupons as (
    select * from {{ ref('int_coupons_issued') }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
    where source_system = 'pos'
),

customers as (
    select * from {{ ref('int_customers') }}
),

find_last_campaigns_of_codes as (
    select coupon_code, campaign_id
    from coupons
    qualify row_number() over (
        partition by coupon_code
        order by
            campaign_id is null asc nulls last,
            issued_at desc nulls last,
            campaign_id asc nulls last
    ) = 1
),

-- A redemption counts when its sale does. One that names no receipt has its own date alone.
find_persons as (
    select
        redemptions.redemption_id,
        redemptions.coupon_code,
        redemptions.campaign_id,
        redemptions.receipt_id,
        redemptions.member_id_hash,
        redemptions.discount_amount,
        coalesce(redemptions.redeemed_at, receipts.closed_at) as redeemed_at,
        coalesce(receipts.business_date, redemptions.redeemed_date) as redeemed_date,
        coalesce(identity_links.customer_key, receipts.customer_key) as customer_key,
        coalesce(
            identity_links.customer_key, receipts.customer_key, redemptions.member_id_hash
        ) as person_id,
        coalesce(receipts.is_internal, false) as is_internal
    from redemptions
    left join receipts on redemptions.receipt_id = receipts.receipt_id
    left join identity_links on redemptions.member_id_hash = identity_links.source_id
    where
        case
            when redemptions.receipt_id is null
                then redemptions.redeemed_date <= {{ as_of_date() }}
            else receipts.receipt_type = 'sale'
        end
),

final as (
    select
        redemptions.redemption_id,
        redemptions.coupon_code,
        coalesce(
            redemptions.campaign_id, coupons.campaign_id, of_codes.campaign_id
        ) as campaign_id,
        redemptions.receipt_id,
        redemptions.customer_key,
        redemptions.person_id,
        redemptions.member_id_hash,
        redemptions.redeemed_at,
        redemptions.redeemed_date,
        redemptions.discount_amount,
        coupons.coupon_code is not null as is_of_issued,
        redemptions.is_internal or coalesce(customers.is_internal, false) as is_internal
    from find_persons as redemptions
    left join coupons
        on
            redemptions.coupon_code = coupons.coupon_code
            and redemptions.person_id = coupons.person_id
    left join find_last_campaigns_of_codes as of_codes
        on redemptions.coupon_code = of_codes.coupon_code
    left join customers on redemptions.customer_key = customers.customer_key
)

select * from final
