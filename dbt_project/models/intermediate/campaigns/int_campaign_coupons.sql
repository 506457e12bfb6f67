with

people as (
    select * from {{ ref('int_campaign_people') }}
),

coupons as (
    select * from {{ ref('int_coupons_issued') }}
    where not is_internal
),

redemptions as (
    select * from {{ ref('int_coupon_redemptions') }}
    where not is_internal
),

find_redeemed as (
    {{ redeemed_coupons('coupons', 'redemptions') }}
),

-- Who holds a coupon and is in no audience is in the campaign as a whole and in no part of it.
find_parts as (
    select
        find_redeemed.*,
        coalesce(people.variant, 'all') as variant,
        people.segment as rfm_group
    from find_redeemed
    left join people
        on
            find_redeemed.campaign_id = people.campaign_id
            and find_redeemed.person_id = people.person_id
    where find_redeemed.campaign_id is not null
),

sum_coupons as (
    select
        campaign_id,
        variant,
        case when grouping(rfm_group) = 1 then 'all' else rfm_group end as segment,
        count(*) as issued,
        count(*) filter (where is_redeemed) as redeemed,
        max(expires_at) as last_expires_at
    from find_parts
    group by grouping sets ((campaign_id, variant), (campaign_id, variant, rfm_group))
),

final as (
    select * from sum_coupons
    where segment is not null
)

select * from final
