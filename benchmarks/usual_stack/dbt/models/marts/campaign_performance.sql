select
    campaigns.campaign_id,
    campaigns.campaign_name,
    count(distinct events.subscriber_id) filter (where event_type = 'open') as openers,
    count(distinct events.subscriber_id) filter (where event_type = 'click') as clickers
from {{ ref('stg_campaigns') }} as campaigns
left join {{ ref('stg_email_events') }} as events using (campaign_id)
group by all
