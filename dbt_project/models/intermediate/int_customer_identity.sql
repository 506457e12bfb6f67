{{ config(materialized='table') }}

with

members as (
    select * from {{ ref('stg_pos__members') }}
),

subscribers as (
    select * from {{ ref('stg_email__subscribers') }}
),

contacts as (
    select * from {{ ref('stg_email__contacts') }}
    where sent_date is null or sent_date <= {{ as_of_date() }}
),

email_events as (
    select * from {{ ref('stg_email__events') }}
    where event_date <= {{ as_of_date() }}
),

requesters as (
    select * from {{ ref('stg_support__requesters') }}
),

tickets as (
    select * from {{ ref('stg_support__tickets') }}
    where created_date <= {{ as_of_date() }}
),

counted_receipts as (
    select * from {{ ref('int_counted_receipts') }}
),

-- A member, subscriber or requester that the master does not know yet is a customer all the same.
collect_member_ids as (
    select member_id_hash as source_id from members
    where joined_date is null or joined_date <= {{ as_of_date() }}
    union
    select member_id_hash from counted_receipts
    union
    select member_id_hash from contacts
    union
    select member_id_hash from subscribers
    union
    select member_id_hash from requesters
),

collect_subscriber_ids as (
    select subscriber_id_hash as source_id from subscribers
    union
    select subscriber_id_hash from email_events
    union
    select subscriber_id_hash from contacts
),

collect_requester_ids as (
    select requester_id_hash as source_id from requesters
    union
    select requester_id_hash from tickets
),

name_members as (
    select
        'pos' as source_system,
        collect_member_ids.source_id,
        collect_member_ids.source_id as anchor_id,
        'own_record' as match_rule,
        members.member_id_hash is not null as is_in_master
    from collect_member_ids
    left join members on collect_member_ids.source_id = members.member_id_hash
),

name_subscribers as (
    select
        'email' as source_system,
        collect_subscriber_ids.source_id,
        coalesce(subscribers.member_id_hash, collect_subscriber_ids.source_id) as anchor_id,
        case
            when subscribers.member_id_hash is not null then 'same_member_id' else 'own_record'
        end as match_rule,
        subscribers.subscriber_id_hash is not null as is_in_master
    from collect_subscriber_ids
    left join subscribers on collect_subscriber_ids.source_id = subscribers.subscriber_id_hash
),

name_requesters as (
    select
        'support' as source_system,
        collect_requester_ids.source_id,
        coalesce(requesters.member_id_hash, collect_requester_ids.source_id) as anchor_id,
        case
            when requesters.member_id_hash is not null then 'same_member_id' else 'own_record'
        end as match_rule,
        requesters.requester_id_hash is not null as is_in_master
    from collect_requester_ids
    left join requesters on collect_requester_ids.source_id = requesters.requester_id_hash
),

all_ids as (
    select * from name_members
    union all
    select * from name_subscribers
    union all
    select * from name_requesters
),

final as (
    select
        source_system,
        source_id,
        'c' || substr(anchor_id, 1, 24) as customer_key,
        match_rule,
        is_in_master
    from all_ids
    where source_id is not null
)

select * from final
