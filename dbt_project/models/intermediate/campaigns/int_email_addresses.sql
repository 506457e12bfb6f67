with

messages as (
    select * from {{ ref('int_email_messages') }}
    where channel = 'email'
),

subscribers as (
    select * from {{ ref('stg_email__subscribers') }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
    where source_system = 'email'
),

find_last_deliveries as (
    select
        *,
        max(delivered_at) over (partition by subscriber_id_hash) as last_delivered_at
    from messages
),

sum_messages as (
    select
        subscriber_id_hash,
        max(bounced_hard_at) as bounced_hard_at,
        max(unsubscribed_at) as unsubscribed_at,
        max(complained_at) as complained_at,
        count(*) filter (
            where bounced_soft_at is not null
            and coalesce(bounced_soft_at > last_delivered_at, true)
        ) as soft_bounces_in_a_row
    from find_last_deliveries
    group by subscriber_id_hash
),

list_addresses as (
    select
        identity_links.customer_key,
        identity_links.source_id as subscriber_id_hash,
        subscribers.status = 'subscribed' as is_subscribed,
        subscribers.status,
        subscribers.consented_at,
        subscribers.email_verified_at,
        subscribers.updated_at,
        sum_messages.bounced_hard_at,
        sum_messages.unsubscribed_at,
        sum_messages.complained_at,
        coalesce(sum_messages.soft_bounces_in_a_row, 0) as soft_bounces_in_a_row
    from identity_links
    left join subscribers on identity_links.source_id = subscribers.subscriber_id_hash
    left join sum_messages on identity_links.source_id = sum_messages.subscriber_id_hash
    where subscribers.subscriber_id_hash is not null or sum_messages.subscriber_id_hash is not null
),

-- The mail tool's status says it, or the event does. A later consent takes back an unsubscription
-- and a complaint, a later verification of the address its permanent bounce.
final as (
    select
        customer_key,
        subscriber_id_hash,
        soft_bounces_in_a_row,
        greatest(updated_at, unsubscribed_at, complained_at) as last_word_at,
        case
            when
                status = 'complained'
                or not coalesce(is_subscribed and consented_at > complained_at, false)
                and complained_at is not null
                then 'complaint'
            when
                status = 'unsubscribed'
                or not coalesce(is_subscribed and consented_at > unsubscribed_at, false)
                and unsubscribed_at is not null
                then 'unsubscribe'
            when
                status = 'bounced'
                or not coalesce(is_subscribed and email_verified_at > bounced_hard_at, false)
                and bounced_hard_at is not null
                then 'hard_bounce'
            when soft_bounces_in_a_row >= {{ soft_bounce_limit() }} then 'soft_bounces'
        end as suppression_reason
    from list_addresses
)

select * from final
