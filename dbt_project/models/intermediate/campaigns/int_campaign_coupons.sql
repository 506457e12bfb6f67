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

count_holders as (
    select
        coupon_code,
        count(*) as holders
    from coupons
    group by coupon_code
),

redeemed_codes as (
    select distinct coupon_code from redemptions
),

redeemed_by_person as (
    select distinct
        coupon_code,
        person_id
    from redemptions
    where person_id is not null
),

-- A code of one person was redeemed whoever showed it; one of many by those alone who hold it.
find_redeemed as (
    select
        coupons.campaign_id,
        coupons.person_id,
        coupons.expires_at,
        case
            when count_holders.holders = 1 then redeemed_codes.coupon_code is not null
            else redeemed_by_person.coupon_code is not null
        end as is_redeemed
    from coupons
    inner join count_holders on coupons.coupon_code = count_holders.coupon_code
    left join redeemed_codes on coupons.coupon_code = redeemed_codes.coupon_code
    left join redeemed_by_person
        on
            coupons.coupon_code = redeemed_by_person.coupon_code
            and coupons.person_id = redeemed_by_person.person_id
    where coupons.campaign_id is not null
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
