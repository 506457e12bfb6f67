-- Orders of a campaign are those attributed to it, its coupons those of coupon_performance, its arms
-- those of campaign_effect, and its groups hold all its people: nothing is lost or doubled.
with

campaigns as (
    select * from {{ ref('campaign_performance') }}
    where variant = 'all'
),

wholes as (
    select * from campaigns
    where segment = 'all'
),

sum_groups as (
    select campaign_id, sum(audience) as audience, sum(delivered) as delivered
    from campaigns
    where segment <> 'all'
    group by campaign_id
),

sum_orders as (
    select campaign_id, count(*) as orders, sum(net_sales_order_dated) as net_sales
    from {{ ref('campaign_attribution') }}
    group by campaign_id
),

coupons as (
    select campaign_id, issued, issued_redeemed
    from {{ ref('coupon_performance') }}
    where coupon_kind = 'all' and campaign_id is not null
),

effects as (
    select campaign_id, n_treated + n_control + n_in_both as people
    from {{ ref('campaign_effect') }}
    where variant = 'all' and segment = 'all' and metric = 'purchase_rate'
)

select wholes.campaign_id
from wholes
left join sum_groups on wholes.campaign_id = sum_groups.campaign_id
left join sum_orders on wholes.campaign_id = sum_orders.campaign_id
left join coupons on wholes.campaign_id = coupons.campaign_id
left join effects on wholes.campaign_id = effects.campaign_id
where
    wholes.audience <> coalesce(sum_groups.audience, 0)
    or wholes.delivered <> coalesce(sum_groups.delivered, 0)
    or wholes.audience <> coalesce(effects.people, 0)
    or wholes.attributed_orders <> coalesce(sum_orders.orders, 0)
    or wholes.attributed_net_sales <> coalesce(sum_orders.net_sales, 0)
    or wholes.issued <> coalesce(coupons.issued, 0)
    or wholes.redeemed <> coalesce(coupons.issued_redeemed, 0)
