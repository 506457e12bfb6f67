{{ config(
    materialized='kept', prints='int_contact_prints', touched='int_touched_contacts',
    kept_by='contact_key'
) }}

with

recipients as (
    select * from {{ ref('int_campaign_recipients') }}
    where
        {{ is_touched('contact_key', 'contact_key', 'int_touched_contacts', 'int_contact_prints') }}
),

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

customers as (
    select * from {{ ref('int_customers') }}
),

suppressions as (
    select * from {{ ref('int_campaign_suppressions') }}
),

final as (
    select
        recipients.contact_key,
        recipients.campaign_id,
        recipients.customer_key,
        cast(campaigns.channel as varchar) as channel,
        recipients.variant,
        recipients.is_holdout,
        coalesce(recipients.sent_at, campaigns.first_sent_at) as audience_at,
        case
            when recipients.outcome in ('delivered', 'bounced_hard', 'bounced_soft')
                then coalesce(
                    recipients.sent_at,
                    least(
                        recipients.delivered_at,
                        recipients.bounced_hard_at,
                        recipients.bounced_soft_at
                    )
                )
        end as sent_at,
        cast(recipients.outcome as varchar) as outcome,
        case
            when recipients.outcome in ('delivered', 'bounced_hard', 'bounced_soft')
                then cast(null as varchar)
            when recipients.is_holdout then 'held_out'
            else suppressions.suppressed_reason
        end as suppressed_reason,
        recipients.delivered_at,
        recipients.human_open_at as opened_at,
        recipients.machine_open_at as machine_opened_at,
        recipients.click_at as clicked_at,
        recipients.unsubscribed_at,
        recipients.complained_at
    from recipients
    inner join campaigns on recipients.campaign_id = campaigns.campaign_id
    left join suppressions on recipients.contact_key = suppressions.contact_key
    left join customers on recipients.customer_key = customers.customer_key
    where not coalesce(customers.is_internal, false)
)

select * from final
