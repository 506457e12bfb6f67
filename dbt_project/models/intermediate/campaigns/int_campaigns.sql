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

sum_sends as (
    select
        campaign_id,
        min(sent_at) as first_sent_at,
        max(sent_at) as last_sent_at
    from (
        select campaign_id, sent_at from campaigns
        union all
        select campaign_id, sent_at from contacts
        union all
        select campaign_id, coalesce(delivered_at, bounced_hard_at, bounced_soft_at)
        from messages
    ) as sends
    group by campaign_id
),

-- A campaign that the list of campaigns lacks sent e-mails, as a message without a campaign did.
final as (
    select
        sum_sends.campaign_id,
        campaigns.name as campaign_name,
        coalesce(campaigns.channel, 'email') as channel,
        sum_sends.first_sent_at,
        {{ company_date('sum_sends.first_sent_at') }} as sent_date,
        {{ company_date('sum_sends.last_sent_at') }} as last_sent_date,
        campaigns.cost,
        campaigns.success_metric,
        campaigns.success_threshold,
        campaigns.success_registered_at
    from sum_sends
    left join campaigns on sum_sends.campaign_id = campaigns.campaign_id
    where {{ company_date('sum_sends.first_sent_at') }} <= {{ as_of_date() }}
)

select * from final
