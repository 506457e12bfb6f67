-- Entries of audiences, internal accounts left out, counted by campaign and by person, are the
-- audiences of campaign_performance: nobody is lost or doubled on the way. People are told apart by
-- customer_key alone, so campaigns with somebody unknown are left out.
with

contacts as (
    select
        campaign_id,
        count(distinct customer_key) as audience,
        count(distinct customer_key) filter (where clicked_at is not null) as unique_click,
        count(*) filter (where customer_key is null) as unknown
    from {{ ref('fct_campaign_contact') }}
    group by campaign_id
),

campaigns as (
    select campaign_id, audience, unique_click
    from {{ ref('campaign_performance') }}
    where variant = 'all' and segment = 'all'
)

select
    coalesce(contacts.campaign_id, campaigns.campaign_id) as campaign_id,
    contacts.audience,
    campaigns.audience as counted_audience
from contacts
full outer join campaigns on contacts.campaign_id = campaigns.campaign_id
where
    coalesce(contacts.unknown, 0) = 0
    and (
        coalesce(coalesce(contacts.audience, 0) <> campaigns.audience, true)
        or contacts.unique_click <> campaigns.unique_click
    )
