with

recipients as (
    select * from {{ ref('int_campaign_recipients') }}
    where {{ is_suppressed() }}
),

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

messages as (
    select * from {{ ref('int_email_messages') }}
),

subscribers as (
    select * from {{ ref('stg_email__subscribers') }}
),

list_entries as (
    select
        recipients.contact_key,
        recipients.subscriber_id_hash,
        recipients.outcome,
        campaigns.channel,
        coalesce(recipients.dropped_at, recipients.sent_at, campaigns.first_sent_at) as due_at
    from recipients
    inner join campaigns on recipients.campaign_id = campaigns.campaign_id
),

-- What had happened to the address by then, in messages of the same channel.
find_earlier_messages as (
    select
        entries.contact_key,
        case when messages.complained_at < entries.due_at then messages.complained_at end
            as complained_at,
        case when messages.unsubscribed_at < entries.due_at then messages.unsubscribed_at end
            as unsubscribed_at,
        case when messages.bounced_hard_at < entries.due_at then messages.bounced_hard_at end
            as bounced_hard_at,
        case when messages.bounced_soft_at < entries.due_at then messages.bounced_soft_at end
            as bounced_soft_at,
        max(case when messages.delivered_at < entries.due_at then messages.delivered_at end)
            over (partition by entries.contact_key) as last_delivered_at
    from list_entries as entries
    inner join messages
        on
            entries.subscriber_id_hash = messages.subscriber_id_hash
            and entries.channel = messages.channel
),

sum_earlier_messages as (
    select
        contact_key,
        max(complained_at) as complained_at,
        max(unsubscribed_at) as unsubscribed_at,
        max(bounced_hard_at) as bounced_hard_at,
        count(*) filter (
            where bounced_soft_at is not null
            and coalesce(bounced_soft_at > last_delivered_at, true)
        ) as soft_bounces_in_a_row
    from find_earlier_messages
    group by contact_key
),

-- The status of a subscription is known since its last change alone, and one of e-mails.
join_addresses as (
    select
        entries.contact_key,
        entries.outcome,
        case
            when entries.channel = 'email' and subscribers.updated_at <= entries.due_at
                then subscribers.status
        end as status,
        case when subscribers.consented_at <= entries.due_at then subscribers.consented_at end
            as consented_at,
        case
            when subscribers.email_verified_at <= entries.due_at then subscribers.email_verified_at
        end as email_verified_at,
        sums.complained_at,
        sums.unsubscribed_at,
        sums.bounced_hard_at,
        coalesce(sums.soft_bounces_in_a_row, 0) as soft_bounces_in_a_row
    from list_entries as entries
    left join sum_earlier_messages as sums on entries.contact_key = sums.contact_key
    left join subscribers on entries.subscriber_id_hash = subscribers.subscriber_id_hash
),

-- A later consent takes back a complaint and an unsubscription, a later verification a bounce, as
-- it does for today's state of an address.
final as (
    select
        contact_key,
        case
            when
                status = 'complained'
                or complained_at is not null and not coalesce(consented_at > complained_at, false)
                then 'complained'
            when
                status = 'unsubscribed'
                or unsubscribed_at is not null
                and not coalesce(consented_at > unsubscribed_at, false)
                then 'unsubscribed'
            when
                status = 'bounced'
                or bounced_hard_at is not null
                and not coalesce(email_verified_at > bounced_hard_at, false)
                or soft_bounces_in_a_row >= {{ soft_bounce_limit() }}
                then 'bounced'
            when outcome = 'dropped' then 'dropped'
            else 'not_sent_yet'
        end as suppressed_reason
    from join_addresses
)

select * from final
