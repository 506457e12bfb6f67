{{ config(materialized='prints', key='entry_number') }}

with

contacts as (
    select * from {{ ref('stg_email__contacts') }}
),

messages as (
    select * from {{ ref('int_email_messages') }}
    where campaign_id is not null
),

-- That a campaign is there tells too.
print_campaigns as (
    select
        campaign_id,
        {{ row_hash(['campaign_id', 'channel', 'first_sent_at']) }} as print
    from {{ ref('int_campaigns') }}
),

internal_customers as (
    select customer_key from {{ ref('int_customers') }}
    where is_internal
),

print_links as (
    select
        identity_links.source_system,
        identity_links.source_id,
        {{ row_hash(['identity_links.customer_key', 'internal_customers.customer_key']) }} as print
    from {{ ref('int_customer_identity') }} as identity_links
    left join internal_customers
        on identity_links.customer_key = internal_customers.customer_key
),

-- Whose list came and whose events came are compared apart: each is worked out with the other.
list_parts as (
    select
        campaign_id,
        subscriber_id_hash,
        member_id_hash,
        {{ row_hash([
            'variant', 'is_holdout', 'sent_at', 'sent_date <= ' ~ as_of_date()
        ]) }} as print
    from contacts
    union all
    select
        campaign_id,
        subscriber_id_hash,
        null,
        {{ row_hash([
            "'message'", 'delivered_at', 'bounced_hard_at', 'bounced_soft_at', 'dropped_at',
            'human_open_at', 'machine_open_at', 'click_at', 'unsubscribed_at', 'complained_at'
        ]) }}
    from messages
),

join_prints as (
    select
        list_parts.*,
        print_campaigns.print as campaign_print,
        of_subscribers.print as subscriber_print,
        of_members.print as member_print
    from list_parts
    left join print_campaigns on list_parts.campaign_id = print_campaigns.campaign_id
    left join print_links as of_subscribers
        on
            of_subscribers.source_system = 'email'
            and list_parts.subscriber_id_hash = of_subscribers.source_id
    left join print_links as of_members
        on
            of_members.source_system = 'pos'
            and list_parts.member_id_hash = of_members.source_id
),

final as (
    select
        {{ entry_number() }} as entry_number,
        campaign_id,
        subscriber_id_hash,
        member_id_hash,
        {{ row_hash([
            'campaign_id', 'subscriber_id_hash', 'member_id_hash', 'print', 'campaign_print',
            'subscriber_print', 'member_print'
        ]) }} as print,

        -- Filled in where the versions of two nights are compared.
        cast(0 as bigint) as began,
        cast(null as bigint) as ended
    from join_prints
)

select * from final
