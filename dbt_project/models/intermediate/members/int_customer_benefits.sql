with

receipts as (
    select * from {{ ref('int_receipts') }}
    where customer_key is not null and {{ in_window('business_date', 365) }}
),

allocations as (
    select * from {{ ref('int_line_allocations') }}
    where receipt_discount_amount <> 0
),

redemptions as (
    select * from {{ ref('int_coupon_redemptions') }}
    where {{ in_window('redeemed_date', 365) }}
),

issued_coupons as (
    select * from {{ ref('stg_pos__coupons_issued') }}
    where {{ in_window('issued_date', 365) }}
),

attendances as (
    select * from {{ ref('int_event_attendances') }}
    where action = 'attended' and customer_key is not null and {{ in_window('action_date', 365) }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
    where source_system = 'pos'
),

membership_terms as (
    select * from {{ ref('int_membership_terms') }}
),

sum_receipt_discounts as (
    select
        receipt_id,
        sum(receipt_discount_amount) as receipt_discount_amount
    from allocations
    group by receipt_id
),

sum_receipt_coupons as (
    select
        receipt_id,
        sum(discount_amount) as coupon_discount_amount
    from redemptions
    group by receipt_id
),

-- Points of a return are negative: what was taken back was not earned.
sum_receipts as (
    select
        receipts.customer_key,
        sum(receipts.points_earned) as points_earned_365d,
        sum(receipts.points_used) as points_used_365d,
        bool_or(receipts.receipt_type = 'sale' and receipts.points_used > 0) as has_used_points,
        count(*) filter (
            where
            receipts.receipt_type = 'sale'
            and sum_receipt_discounts.receipt_discount_amount
            > coalesce(sum_receipt_coupons.coupon_discount_amount, 0)
        ) as till_discount_receipts_365d
    from receipts
    left join sum_receipt_discounts on receipts.receipt_id = sum_receipt_discounts.receipt_id
    left join sum_receipt_coupons on receipts.receipt_id = sum_receipt_coupons.receipt_id
    group by receipts.customer_key
),

sum_redemptions as (
    select
        customer_key,
        count(*) as coupons_redeemed_365d,
        sum(discount_amount) as coupon_discount_365d
    from redemptions
    where customer_key is not null
    group by customer_key
),

sum_issued_coupons as (
    select
        identity_links.customer_key,
        count(*) as coupons_issued_365d
    from issued_coupons
    inner join identity_links on issued_coupons.member_id_hash = identity_links.source_id
    group by identity_links.customer_key
),

sum_attendances as (
    select
        customer_key,
        count(distinct campaign_id) as events_attended_365d
    from attendances
    group by customer_key
),

find_paid_memberships as (
    select
        customer_key,
        bool_or(due_on > {{ as_of_date() }}) as has_paid_membership
    from membership_terms
    where due_on > {{ window_start(365) }}
    group by customer_key
),

list_customers as (
    {%- for block in [
        'sum_receipts', 'sum_redemptions', 'sum_issued_coupons', 'sum_attendances',
        'find_paid_memberships'
    ] %}
    select customer_key from {{ block }}
    {{- '\n    union' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        list_customers.customer_key,
        coalesce(sum_receipts.points_earned_365d, 0) as points_earned_365d,
        coalesce(sum_receipts.points_used_365d, 0) as points_used_365d,
        coalesce(sum_receipts.has_used_points, false) as has_used_points,
        coalesce(sum_receipts.till_discount_receipts_365d, 0) as till_discount_receipts_365d,
        coalesce(sum_issued_coupons.coupons_issued_365d, 0) as coupons_issued_365d,
        coalesce(sum_redemptions.coupons_redeemed_365d, 0) as coupons_redeemed_365d,
        coalesce(sum_redemptions.coupon_discount_365d, 0) as coupon_discount_365d,
        coalesce(sum_attendances.events_attended_365d, 0) as events_attended_365d,
        coalesce(find_paid_memberships.has_paid_membership, false) as has_paid_membership,
        find_paid_memberships.customer_key is not null as has_used_club
    from list_customers
    {%- for block in [
        'sum_receipts', 'sum_redemptions', 'sum_issued_coupons', 'sum_attendances',
        'find_paid_memberships'
    ] %}
    left join {{ block }} on list_customers.customer_key = {{ block }}.customer_key
    {%- endfor %}
)

select * from final
