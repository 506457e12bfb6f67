{{ config(materialized='table') }}

-- Ids of people that stand in a receipt, an audience, an event, an attendance, a ticket or another
-- record up to the as-of date, and in no master (or in that of members who join later): customers
-- all the same.

with

ids_named as (
    select 'pos' as source_system, member_id_hash as source_id
    from {{ ref('int_counted_receipts') }}
    union
    select 'pos', member_id_hash from {{ ref('stg_email__contacts') }}
    where sent_date is null or sent_date <= {{ as_of_date() }}
    union
    select 'pos', member_id_hash from {{ ref('stg_email__subscribers') }}
    union
    select 'pos', member_id_hash from {{ ref('stg_support__requesters') }}
    union
    select 'email', subscriber_id_hash from {{ ref('stg_email__events') }}
    where event_date <= {{ as_of_date() }}
    union
    select 'email', subscriber_id_hash from {{ ref('stg_email__contacts') }}
    where sent_date is null or sent_date <= {{ as_of_date() }}
    union
    select 'pos', member_id_hash from {{ ref('stg_email__attendances') }}
    where action_date <= {{ as_of_date() }}
    union
    select 'email', subscriber_id_hash from {{ ref('stg_email__attendances') }}
    where action_date <= {{ as_of_date() }}
    union
    select 'support', requester_id_hash from {{ ref('stg_support__tickets') }}
    where created_date <= {{ as_of_date() }}
),

ids_known as (
    select 'pos' as source_system, member_id_hash as source_id
    from {{ ref('stg_pos__members') }}
    where joined_date is null or joined_date <= {{ as_of_date() }}
    union all
    select 'email', subscriber_id_hash from {{ ref('stg_email__subscribers') }}
    union all
    select 'support', requester_id_hash from {{ ref('stg_support__requesters') }}
)

select
    ids_named.source_system,
    ids_named.source_id
from ids_named
left join ids_known
    on
        ids_named.source_system = ids_known.source_system
        and ids_named.source_id = ids_known.source_id
where ids_named.source_id is not null and ids_known.source_id is null
