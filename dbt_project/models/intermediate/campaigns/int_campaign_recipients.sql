{{ config(
    materialized='kept', prints='int_contact_prints', touched='int_touched_entries',
    touched_key='entry_number', kept_by=entry_number()
) }}

with

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

contacts as (
    select * from {{ ref('stg_email__contacts') }}
    where
        {{ is_touched(
            entry_number(), 'entry_number', 'int_touched_entries', 'int_contact_prints'
        ) }}
),

messages as (
    select * from {{ ref('int_email_messages') }}
    where
        campaign_id is not null
        and {{ is_touched(
            entry_number('subscriber_id_hash'), 'entry_number', 'int_touched_entries',
            'int_contact_prints'
        ) }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
),

-- Who has events is in the audience, whether or not the list of the audience says so.
match_messages as (
    select
        coalesce(contacts.campaign_id, messages.campaign_id) as campaign_id,
        coalesce(contacts.subscriber_id_hash, messages.subscriber_id_hash) as subscriber_id_hash,
        contacts.member_id_hash,
        contacts.variant,
        coalesce(contacts.is_holdout, false) as is_holdout,
        coalesce(contacts.sent_date <= {{ as_of_date() }}, false) as is_sent,
        case when contacts.sent_date <= {{ as_of_date() }} then contacts.sent_at end as sent_at,
        messages.delivered_at,
        messages.bounced_hard_at,
        messages.bounced_soft_at,
        messages.dropped_at,
        messages.human_open_at,
        messages.machine_open_at,
        messages.click_at,
        messages.unsubscribed_at,
        messages.complained_at,
        messages.human_open_at is not null as has_human_open,
        messages.machine_open_at is not null as has_machine_open,
        messages.click_at is not null as has_click,
        messages.unsubscribed_at is not null as has_unsubscribed,
        messages.complained_at is not null as has_complained
    from contacts
    full outer join messages
        on
            contacts.campaign_id = messages.campaign_id
            and contacts.subscriber_id_hash = messages.subscriber_id_hash
),

-- Who reacted was reached. Else what came last counts: a message that bounced for the time being
-- and was delivered later was delivered. Who was sent to and did not bounce was reached.
final as (
    select
        {{ contact_key('match_messages') }} as contact_key,
        campaigns.campaign_id,
        coalesce(of_subscribers.customer_key, of_members.customer_key) as customer_key,
        coalesce(
            of_subscribers.customer_key,
            of_members.customer_key,
            match_messages.subscriber_id_hash,
            match_messages.member_id_hash
        ) as person_id,
        match_messages.subscriber_id_hash,
        match_messages.member_id_hash,
        -- `all` is the name of the campaign as a whole.
        nullif(match_messages.variant, 'all') as variant,
        match_messages.is_holdout,
        case
            when
                has_human_open or has_machine_open or has_click or has_unsubscribed
                or has_complained
                then 'delivered'
            when delivered_at >= greatest(delivered_at, bounced_hard_at, bounced_soft_at)
                then 'delivered'
            when bounced_hard_at is not null then 'bounced_hard'
            when bounced_soft_at is not null then 'bounced_soft'
            when dropped_at is not null then 'dropped'
            when is_sent and not is_holdout then 'delivered'
            else 'not_sent'
        end as outcome,
        match_messages.sent_at,
        match_messages.delivered_at,
        match_messages.bounced_hard_at,
        match_messages.bounced_soft_at,
        match_messages.dropped_at,
        match_messages.human_open_at,
        match_messages.machine_open_at,
        match_messages.click_at,
        match_messages.unsubscribed_at,
        match_messages.complained_at,
        match_messages.has_human_open,
        match_messages.has_machine_open,
        match_messages.has_click,
        match_messages.has_unsubscribed,
        match_messages.has_complained
    from match_messages
    inner join campaigns on match_messages.campaign_id = campaigns.campaign_id
    left join identity_links as of_subscribers
        on
            of_subscribers.source_system = 'email'
            and match_messages.subscriber_id_hash = of_subscribers.source_id
    left join identity_links as of_members
        on
            of_members.source_system = 'pos'
            and match_messages.member_id_hash = of_members.source_id
)

select * from final
