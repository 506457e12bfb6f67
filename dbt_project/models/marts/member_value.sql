{%- set benefits = {
    'club': 'has_used_club',
    'coupons': 'coupons_redeemed_365d > 0',
    'events': 'events_attended_365d > 0',
    'points': 'has_used_points',
    'till_discounts': 'till_discount_receipts_365d > 0'
} %}

with

-- Who left is a row too: what they had within the year is part of the year.
members as (
    select * from {{ ref('dim_customer') }}
    where not is_internal and (is_member or left_on <= {{ as_of_date() }})
),

benefits as (
    select * from {{ ref('int_customer_benefits') }}
),

after_purchase as (
    select * from {{ ref('int_customer_after_purchase') }}
),

sum_receipts as (
    select
        customer_key,
        count(*) filter (where is_qualifying) as q_orders_365d,
        sum(net_sales_refund_dated) as net_sales_365d,
        sum(net_sales_order_dated) filter (where is_qualifying) as q_net_sales_365d,
        sum(discount_amount) filter (where is_qualifying) as discount_amount_365d
    from {{ ref('fct_sales_receipt') }}
    where customer_key is not null and {{ in_window('business_date', 365) }}
    group by customer_key
),

final as (
    select
        members.customer_key,
        members.is_member,
        members.member_tier,
        members.member_since,
        -- Who leaves later is a member yet.
        case when not members.is_member then members.left_on end as left_on,
        cast(
            {{ days_between(
                'members.member_since',
                'least(coalesce(members.left_on, ' ~ as_of_date() ~ '), ' ~ as_of_date() ~ ')'
            ) }}
            as bigint
        ) as tenure_days,
        {{ count_or_zero('sum_receipts.q_orders_365d') }} as q_orders_365d,
        {{ amount_or_zero('sum_receipts.net_sales_365d') }} as net_sales_365d,
        {{ amount_or_zero('sum_receipts.q_net_sales_365d') }} as q_net_sales_365d,
        {{ amount_or_zero('sum_receipts.discount_amount_365d') }} as discount_amount_365d,
        {{ amount_or_zero('benefits.points_earned_365d') }} as points_earned_365d,
        {{ amount_or_zero('benefits.points_used_365d') }} as points_used_365d,
        {{ amount_or_zero('benefits.points_earned_365d - benefits.points_used_365d') }}
            as points_net_365d,
        {{ count_or_zero('benefits.coupons_issued_365d') }} as coupons_issued_365d,
        {{ count_or_zero('benefits.coupons_redeemed_365d') }} as coupons_redeemed_365d,
        {{ amount_or_zero('benefits.coupon_discount_365d') }} as coupon_discount_365d,
        {{ count_or_zero('benefits.till_discount_receipts_365d') }} as till_discount_receipts_365d,
        {{ count_or_zero('benefits.events_attended_365d') }} as events_attended_365d,
        coalesce(benefits.has_paid_membership, false) as has_paid_membership,
        cast(
            {%- for kind, condition in benefits.items() %}
            case when benefits.{{ condition }} then 1 else 0 end{{ ' +' if not loop.last }}
            {%- endfor %}
            as bigint
        ) as benefits_used_365d,
        nullif(
            concat_ws(
                ','
                {%- for kind, condition in benefits.items() %},
                case when benefits.{{ condition }} then '{{ kind }}' end
                {%- endfor %}
            ),
            ''
        ) as benefit_kinds_365d,
        {{ count_or_zero('after_purchase.observed_orders_365d') }} as observed_orders_365d,
        {{ count_or_zero('after_purchase.contacted_orders_365d') }} as contacted_orders_365d,
        {{ ratio('after_purchase.contacted_orders_365d', 'after_purchase.observed_orders_365d') }}
            as contact_after_purchase_365d
    from members
    left join sum_receipts on members.customer_key = sum_receipts.customer_key
    left join benefits on members.customer_key = benefits.customer_key
    left join after_purchase on members.customer_key = after_purchase.customer_key
)

select * from final
