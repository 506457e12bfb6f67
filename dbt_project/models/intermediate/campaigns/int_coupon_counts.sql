with

coupons as (
    select * from {{ ref('int_coupons_issued') }}
    where not is_internal
),

redemptions as (
    select * from {{ ref('int_coupon_redemptions') }}
    where not is_internal
),

orders as (
    select * from {{ ref('int_sales_receipts') }}
    where is_qualifying
),

margins as (
    select * from {{ ref('int_order_margins') }}
),

sum_codes as (
    select
        coupon_code,
        count(*) filter (where is_issue) as issued,
        count(distinct case when not is_issue then person_id end)
        + count(*) filter (where not is_issue and person_id is null) as redeemers
    from (
        select coupon_code, person_id, true as is_issue from coupons
        union all
        select coupon_code, person_id, false from redemptions
    ) as known
    group by coupon_code
),

-- A code of one person is published with all others of its campaign, never by itself.
name_codes as (
    select
        coupon_code,
        case
            when issued = 1 or (issued = 0 and redeemers <= 1) then '(personal)'
            when coupon_code in ('all', '(personal)') then coupon_code || ' (code)'
            else coupon_code
        end as coupon_name
    from sum_codes
),

redeemed_coupons as (
    {{ redeemed_coupons('coupons', 'redemptions') }}
),

name_issues as (
    select
        redeemed_coupons.*,
        coalesce(redeemed_coupons.campaign_id, '') as campaign_group,
        name_codes.coupon_name
    from redeemed_coupons
    inner join name_codes on redeemed_coupons.coupon_code = name_codes.coupon_code
),

name_redemptions as (
    select
        redemptions.*,
        coalesce(redemptions.campaign_id, '') as campaign_group,
        name_codes.coupon_name
    from redemptions
    inner join name_codes on redemptions.coupon_code = name_codes.coupon_code
),

sum_issues as (
    {%- for name in ['coupon_name', "'all'"] %}
    select
        campaign_group,
        {{ name }} as coupon_name,
        count(*) as issued,
        count(*) filter (where is_redeemed) as issued_redeemed,
        count(*) filter (where not is_redeemed and expires_at < {{ as_of_end() }})
            as expired_unredeemed,
        min(issued_at) as first_issued_at,
        max(expires_at) as last_expires_at
    from name_issues
    group by campaign_group, {{ name }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

sum_redemptions as (
    {%- for name in ['coupon_name', "'all'"] %}
    select
        campaign_group,
        {{ name }} as coupon_name,
        count(*) as redemptions,
        count(*) filter (where is_of_issued) as redeemed_by_recipients,
        count(*) filter (where not is_of_issued and person_id is not null) as redeemed_by_others,
        count(*) filter (where person_id is null) as redeemed_unidentified,
        sum(discount_amount) as discount_amount
    from name_redemptions
    group by campaign_group, {{ name }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

orders_with_coupons as (
    {%- for name in ['coupon_name', "'all'"] %}
    select distinct campaign_group, {{ name }} as coupon_name, receipt_id
    from name_redemptions
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

sum_orders as (
    select
        used.campaign_group,
        used.coupon_name,
        count(*) as orders,
        count(*) filter (where orders.new_or_repeat = 'new') as orders_new,
        sum(orders.net_sales_order_dated) as net_sales,
        sum(margins.margin) as margin,
        sum(margins.covered_amount) as covered_amount,
        sum(margins.total_amount) as total_amount
    from orders_with_coupons as used
    inner join orders on used.receipt_id = orders.receipt_id
    left join margins on used.receipt_id = margins.receipt_id
    group by used.campaign_group, used.coupon_name
),

list_coupons as (
    select campaign_group, coupon_name from sum_issues
    union
    select campaign_group, coupon_name from sum_redemptions
),

final as (
    select
        nullif(list_coupons.campaign_group, '') as campaign_id,
        list_coupons.coupon_name,
        sum_issues.issued,
        sum_issues.issued_redeemed,
        sum_issues.expired_unredeemed,
        sum_issues.first_issued_at,
        sum_issues.last_expires_at,
        sum_redemptions.redemptions,
        sum_redemptions.redeemed_by_recipients,
        sum_redemptions.redeemed_by_others,
        sum_redemptions.redeemed_unidentified,
        sum_redemptions.discount_amount,
        sum_orders.orders,
        sum_orders.orders_new,
        sum_orders.net_sales,
        sum_orders.margin,
        sum_orders.covered_amount,
        sum_orders.total_amount
    from list_coupons
    {%- for sums in ['sum_issues', 'sum_redemptions', 'sum_orders'] %}
    left join {{ sums }}
        on
            list_coupons.campaign_group = {{ sums }}.campaign_group
            and list_coupons.coupon_name = {{ sums }}.coupon_name
    {%- endfor %}
)

select * from final
