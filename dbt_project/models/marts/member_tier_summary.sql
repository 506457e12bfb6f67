with

members as (
    select * from {{ ref('member_value') }}
    where is_member
),

list_tiers as (
    select *, 'all' as tier_group from members
    union all
    select *, coalesce(member_tier, 'unknown') from members
),

sum_tiers as (
    select
        tier_group as member_tier,
        count(*) as members,
        count(*) filter (where q_orders_365d > 0) as buyers_365d,
        count(*) filter (where has_paid_membership) as paid_members,
        count(*) filter (where benefits_used_365d > 0) as benefit_users_365d,
        {%- for kind in ['club', 'coupons', 'events', 'points', 'till_discounts'] %}
        count(*) filter (where concat(',', benefit_kinds_365d, ',') like '%,{{ kind }},%')
            as {{ kind }}_users_365d,
        {%- endfor %}
        {%- for column in [
            'q_orders_365d', 'net_sales_365d', 'q_net_sales_365d', 'discount_amount_365d',
            'points_earned_365d', 'points_used_365d', 'coupons_issued_365d',
            'coupons_redeemed_365d', 'coupon_discount_365d', 'observed_orders_365d',
            'contacted_orders_365d'
        ] %}
        sum({{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from list_tiers
    group by tier_group
),

final as (
    select
        member_tier,
        {%- for column in [
            'members', 'buyers_365d', 'paid_members', 'benefit_users_365d', 'club_users_365d',
            'coupons_users_365d', 'events_users_365d', 'points_users_365d',
            'till_discounts_users_365d'
        ] %}
        cast({{ column }} as bigint) as {{ column }},
        {%- endfor %}
        {{ ratio('buyers_365d', 'members') }} as buyer_share,
        {{ ratio('benefit_users_365d', 'members') }} as benefit_user_share,
        cast(q_orders_365d as bigint) as q_orders_365d,
        cast(net_sales_365d as decimal(18, 2)) as net_sales_365d,
        {{ ratio('net_sales_365d', 'members') }} as net_sales_per_member,
        cast(q_net_sales_365d as decimal(18, 2)) as q_net_sales_365d,
        {{ ratio('q_net_sales_365d', 'q_orders_365d') }} as aov_365d,
        cast(discount_amount_365d as decimal(18, 2)) as discount_amount_365d,
        cast(points_earned_365d as decimal(18, 2)) as points_earned_365d,
        cast(points_used_365d as decimal(18, 2)) as points_used_365d,
        {{ ratio('points_used_365d', 'points_earned_365d') }} as points_used_rate,
        cast(coupons_issued_365d as bigint) as coupons_issued_365d,
        cast(coupons_redeemed_365d as bigint) as coupons_redeemed_365d,
        {{ ratio('coupons_redeemed_365d', 'coupons_issued_365d') }} as coupon_redemption_rate,
        cast(coupon_discount_365d as decimal(18, 2)) as coupon_discount_365d,
        cast(observed_orders_365d as bigint) as observed_orders_365d,
        cast(contacted_orders_365d as bigint) as contacted_orders_365d,
        {{ ratio('contacted_orders_365d', 'observed_orders_365d') }} as contact_after_purchase_365d
    from sum_tiers
)

select * from final
