with

events as (
    select * from {{ ref('stg_email__events') }}
    where event_date <= {{ as_of_date() }}
),

campaigns as (
    select * from {{ ref('stg_email__campaigns') }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
    where source_system = 'email'
),

-- A single message, or one of a campaign that nobody described, is an e-mail.
final as (
    select
        events.event_id,
        events.campaign_id,
        events.subscriber_id_hash,
        coalesce(campaigns.channel, 'email') as campaign_channel,
        identity_links.customer_key,
        events.event_type,
        events.occurred_at,
        events.event_date,
        events.is_machine,
        events.event_type = 'open' and not events.is_machine as is_human_open
    from events
    left join campaigns on events.campaign_id = campaigns.campaign_id
    left join identity_links on events.subscriber_id_hash = identity_links.source_id
)

select * from final
