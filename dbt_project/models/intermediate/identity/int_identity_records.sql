{{ config(materialized='table') }}

with

members as (
    select * from {{ ref('stg_pos__members') }}
),

subscribers as (
    select * from {{ ref('stg_email__subscribers') }}
),

requesters as (
    select * from {{ ref('stg_support__requesters') }}
),

unknown_ids as (
    select * from {{ ref('int_identity_unknown_ids') }}
),

overrides as (
    select * from {{ source('identity', 'overrides') }}
),

-- The LINE account that was linked with the member last.
linked_accounts as (
    select
        member_id_hash,
        line_key as linked_line_key
    from {{ ref('stg_support__chat_links') }}
    where action = 'link_account' and member_id_hash is not null and line_key is not null
    qualify row_number() over (
        partition by member_id_hash
        order by occurred_at desc nulls last, link_id desc nulls last
    ) = 1
),

-- Members who join after the as-of date are none yet, unless something names them already.
member_records as (
    select
        'pos' as source_system,
        members.member_id_hash as source_id,
        coalesce(members.joined_at, members.updated_at) as first_seen_at,
        members.member_id_hash as member_source_id,
        members.birth_date,
        members.email_key,
        members.phone_key,
        members.line_key,
        linked_accounts.linked_line_key,
        members.full_name_key,
        members.given_name_key,
        members.full_kana_key,
        members.given_kana_key,
        members.full_romaji_key,
        members.given_romaji_key,
        members.address_key
    from members
    left join linked_accounts on members.member_id_hash = linked_accounts.member_id_hash
    left join unknown_ids
        on
            members.member_id_hash = unknown_ids.source_id
            and unknown_ids.source_system = 'pos'
    where
        members.joined_date is null
        or members.joined_date <= {{ as_of_date() }}
        or unknown_ids.source_id is not null
),

subscriber_records as (
    select
        'email' as source_system,
        subscriber_id_hash as source_id,
        coalesce(consented_at, updated_at) as first_seen_at,
        member_id_hash as member_source_id,
        cast(null as date) as birth_date,
        email_key,
        cast(null as bigint) as phone_key,
        cast(null as bigint) as line_key,
        cast(null as bigint) as linked_line_key,
        full_name_key,
        given_name_key,
        full_kana_key,
        given_kana_key,
        full_romaji_key,
        given_romaji_key,
        cast(null as bigint) as address_key
    from subscribers
),

requester_records as (
    select
        'support' as source_system,
        requester_id_hash as source_id,
        updated_at as first_seen_at,
        member_id_hash as member_source_id,
        cast(null as date) as birth_date,
        email_key,
        phone_key,
        line_key,
        cast(null as bigint) as linked_line_key,
        full_name_key,
        given_name_key,
        full_kana_key,
        given_kana_key,
        full_romaji_key,
        given_romaji_key,
        cast(null as bigint) as address_key
    from requesters
),

unknown_records as (
    select
        unknown_ids.source_system,
        unknown_ids.source_id,
        case
            when unknown_ids.source_system = 'pos' then unknown_ids.source_id
        end as member_source_id,
        linked_accounts.linked_line_key
    from unknown_ids
    left join members on unknown_ids.source_id = members.member_id_hash
    left join linked_accounts on unknown_ids.source_id = linked_accounts.member_id_hash
    where members.member_id_hash is null
),

all_records as (
    select true as is_in_master, * from member_records
    union all
    select true, * from subscriber_records
    union all
    select true, * from requester_records
    union all
    select
        false,
        source_system,
        source_id,
        cast(null as timestamp),
        member_source_id,
        cast(null as date),
        cast(null as bigint),
        cast(null as bigint),
        cast(null as bigint),
        linked_line_key,
        cast(null as bigint),
        cast(null as bigint),
        cast(null as bigint),
        cast(null as bigint),
        cast(null as bigint),
        cast(null as bigint),
        cast(null as bigint)
    from unknown_records
),

-- An override is evidence about both of its records: when it changes, they changed.
decisions_of_records as (
    select
        source_system,
        source_id,
        string_agg(decision, ',' order by decision asc nulls last) as decisions
    from (
        select
            source_system_a as source_system,
            source_id_a as source_id,
            action || ' ' || source_system_b || ':' || source_id_b as decision
        from overrides
        union
        select
            source_system_b,
            source_id_b,
            action || ' ' || source_system_a || ':' || source_id_a
        from overrides
    ) as both_sides
    group by source_system, source_id
)

select
    {{ hex_to_bigint('all_records.source_id') }} as record_id,
    all_records.*,
    {{ hex_to_bigint('all_records.member_source_id') }} as member_record_id,
    decisions_of_records.decisions,
    '{{ identity_settings() }}' as settings
from all_records
left join decisions_of_records
    on
        all_records.source_system = decisions_of_records.source_system
        and all_records.source_id = decisions_of_records.source_id
