{{ config(materialized='table') }}

with

campaigns as (
    select * from {{ ref('stg_email__campaigns') }}
),

contacts as (
    select * from {{ ref('stg_email__contacts') }}
),

messages as (
    select * from {{ ref('int_email_messages') }}
    where campaign_id is not null
),

coupons as (
    select * from {{ ref('int_coupons_issued') }}
    where campaign_id is not null
),

redemptions as (
    select * from {{ ref('int_coupon_redemptions') }}
    where campaign_id is not null
),

attendances as (
    select * from {{ ref('int_event_attendances') }}
),

sum_sends as (
    select
        campaign_id,
        min(happened_at) filter (where told_by = 'send') as first_sent_at,
        max(happened_at) filter (where told_by = 'send') as last_sent_at,
        min(happened_at) as first_seen_at,
        max(happened_at) as last_seen_at,
        bool_and(told_by = 'coupon') as is_coupon_alone,
        bool_and(told_by = 'event') as is_event_alone
    from (
        select campaign_id, 'send' as told_by, sent_at as happened_at from campaigns
        union all
        select campaign_id, 'send', sent_at from contacts
        union all
        select campaign_id, 'send', coalesce(delivered_at, bounced_hard_at, bounced_soft_at)
        from messages
        union all
        select campaign_id, 'message', coalesce(human_open_at, machine_open_at, dropped_at)
        from messages
        union all
        select campaign_id, 'coupon', issued_at from coupons
        union all
        select campaign_id, 'coupon', redeemed_at from redemptions
        union all
        select campaign_id, 'event', occurred_at from attendances
    ) as sends
    where told_by <> 'send' or {{ company_date('happened_at') }} <= {{ as_of_date() }}
    group by campaign_id
),

-- A campaign of which nobody tells the send, but clicks or coupons are there, began with these. One
-- that the list of campaigns lacks sent e-mails, as a message without a campaign did, unless coupons
-- or guests of an event alone name it. A coupon redeemed past midnight may be of the as-of date.
final as (
    select
        sums.campaign_id,
        campaigns.name as campaign_name,
        coalesce(
            campaigns.channel,
            case
                when sums.is_coupon_alone then 'coupon'
                when sums.is_event_alone then 'event'
                else 'email'
            end
        ) as channel,
        campaigns.subject,
        coalesce(sums.first_sent_at, sums.first_seen_at) as first_sent_at,
        coalesce(sums.last_sent_at, sums.last_seen_at) as last_sent_at,
        least(
            {{ company_date('coalesce(sums.first_sent_at, sums.first_seen_at)') }}, {{ as_of_date() }}
        ) as sent_date,
        least(
            {{ company_date('coalesce(sums.last_sent_at, sums.last_seen_at)') }}, {{ as_of_date() }}
        ) as last_sent_date,
        campaigns.cost,
        campaigns.success_metric,
        campaigns.success_threshold,
        campaigns.success_registered_at,
        campaigns.campaign_id is null as is_inferred
    from sum_sends as sums
    left join campaigns on sums.campaign_id = campaigns.campaign_id
    where sums.first_seen_at is not null
)

select * from final
