with

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

recipients as (
    select * from {{ ref('int_campaign_recipients') }}
),

find_holdouts as (
    select distinct campaign_id
    from recipients
    where is_holdout
),

final as (
    select
        campaigns.campaign_id,
        campaigns.campaign_name,
        campaigns.channel,
        campaigns.subject,
        campaigns.first_sent_at,
        campaigns.last_sent_at,
        campaigns.sent_date,
        campaigns.last_sent_date,
        campaigns.cost,
        campaigns.success_metric,
        campaigns.success_threshold,
        campaigns.success_registered_at,
        case
            when campaigns.success_metric is not null and campaigns.success_threshold is not null
                then coalesce(campaigns.success_registered_at < campaigns.first_sent_at, false)
        end as registered_before_send,
        find_holdouts.campaign_id is not null as has_holdout,
        campaigns.is_inferred
    from campaigns
    left join find_holdouts on campaigns.campaign_id = find_holdouts.campaign_id
)

select * from final
