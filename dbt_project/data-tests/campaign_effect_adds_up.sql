-- The orders of a campaign's audience in each window are those of the receipts: worked out again
-- from entries of the audience and receipts, for the campaign as a whole.
with

effects as (
    select * from {{ ref('campaign_effect') }}
    where variant = 'all' and segment = 'all' and metric <> 'purchase_rate'
),

people as (
    select
        campaign_id,
        customer_key,
        bool_or(is_holdout) as is_held_out,
        bool_or(not is_holdout) as is_treated
    from {{ ref('fct_campaign_contact') }}
    where customer_key is not null
    group by campaign_id, customer_key
),

receipts as (
    select * from {{ ref('fct_sales_receipt') }}
    where is_qualifying and customer_key is not null
),

sum_receipts as (
    select
        effects.campaign_id,
        effects.metric,
        sum(
            case when effects.metric = 'orders_per_person' then 1
                else receipts.net_sales_order_dated end
        ) filter (where people.is_treated and receipts.business_date >= effects.sent_date)
            as treated_post,
        sum(
            case when effects.metric = 'orders_per_person' then 1
                else receipts.net_sales_order_dated end
        ) filter (where not people.is_treated and receipts.business_date < effects.sent_date)
            as control_pre
    from effects
    inner join people on effects.campaign_id = people.campaign_id
    inner join receipts
        on
            people.customer_key = receipts.customer_key
            and receipts.business_date between effects.pre_from_date and effects.post_to_date
    where not (people.is_treated and people.is_held_out)
    group by effects.campaign_id, effects.metric
)

select
    effects.campaign_id,
    effects.metric
from effects
left join sum_receipts
    on
        effects.campaign_id = sum_receipts.campaign_id
        and effects.metric = sum_receipts.metric
where
    effects.treated_post <> coalesce(sum_receipts.treated_post, 0)
    or effects.control_pre <> coalesce(sum_receipts.control_pre, 0)
