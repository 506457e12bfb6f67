with

promotion_lists as (
    select * from {{ ref('int_promotion_lists') }}
),

contacts as (
    select * from {{ ref('stg_email__contacts') }}
    where not is_holdout and sent_date <= {{ as_of_date() }}
),

messages as (
    select
        *,
        least(delivered_at, bounced_hard_at, bounced_soft_at) as sent_at
    from {{ ref('int_email_messages') }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
),

-- The day from which on any list counts what was sent.
look_back as (
    select {{ add_days(as_of_date(), '-max(contact_days)') }} as first_date
    from promotion_lists
),

-- A message counts on its first day: of what is sent still, all of it is looked at.
recent_messages as (
    select contacts.campaign_id as message_id
    from contacts
    inner join look_back on contacts.sent_date >= look_back.first_date
    union
    select messages.message_id
    from messages
    inner join look_back on messages.sent_at >= {{ company_midnight('look_back.first_date') }}
),

recent_contacts as (
    select contacts.*
    from contacts
    inner join recent_messages on contacts.campaign_id = recent_messages.message_id
),

recent_events as (
    select messages.*
    from messages
    inner join recent_messages on messages.message_id = recent_messages.message_id
),

-- What was dropped was never sent. A contact of which nothing is heard, as with post, was.
list_contacts as (
    select
        case when contacts.subscriber_id_hash is null then 'pos' else 'email' end as source_system,
        coalesce(contacts.subscriber_id_hash, contacts.member_id_hash) as source_id,
        contacts.campaign_id,
        contacts.sent_date
    from recent_contacts as contacts
    left join recent_events as messages
        on
            contacts.campaign_id = messages.message_id
            and contacts.subscriber_id_hash = messages.subscriber_id_hash
    where messages.dropped_at is null or messages.sent_at is not null
),

-- Of a tool that names no audience there are the events alone.
list_messages as (
    select
        identity_links.customer_key,
        list_contacts.campaign_id as message_id,
        list_contacts.sent_date
    from list_contacts
    inner join identity_links
        on
            list_contacts.source_system = identity_links.source_system
            and list_contacts.source_id = identity_links.source_id
    union all
    select
        customer_key,
        message_id,
        {{ company_date('sent_at') }} as sent_date
    from recent_events
    where sent_at is not null and customer_key is not null
),

final as (
    select
        customer_key,
        message_id,
        min(sent_date) as sent_date
    from list_messages
    group by customer_key, message_id
)

select * from final
