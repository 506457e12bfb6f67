{{ config(materialized='table') }}

with

coupons as (
    select * from {{ ref('stg_pos__coupons_issued') }}
    where coalesce(issued_date <= {{ as_of_date() }}, true)
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
    where source_system = 'pos'
),

customers as (
    select * from {{ ref('int_customers') }}
),

-- Somebody with two cards holds the code once.
final as (
    select
        coupons.coupon_code,
        coalesce(identity_links.customer_key, coupons.member_id_hash) as person_id,
        identity_links.customer_key,
        coupons.campaign_id,
        coupons.issued_at,
        coupons.expires_at,
        coalesce(customers.is_internal, false) as is_internal
    from coupons
    left join identity_links on coupons.member_id_hash = identity_links.source_id
    left join customers on identity_links.customer_key = customers.customer_key
    qualify row_number() over (
        partition by
            coupons.coupon_code,
            coalesce(identity_links.customer_key, coupons.member_id_hash)
        order by coupons.issued_at desc nulls last, coupons.member_id_hash asc nulls last
    ) = 1
)

select * from final
