{{ config(materialized='table') }}

-- Links among the records that are worked out again: one row a pair, with the best rule that joins
-- it. Strength 4 is a person's decision, 3 strong, 2 a name with an address, 1 weak (a name is
-- missing or written in another script).

{% set given_names = ['given_name_key', 'given_kana_key', 'given_romaji_key'] %}
{% set full_names = ['full_name_key', 'full_kana_key', 'full_romaji_key'] %}

with

records as (
    select records.*
    from {{ ref('int_identity_records') }} as records
    inner join {{ ref('int_identity_touched') }} as touched
        on records.record_id = touched.record_id
),

overrides as (
    select * from {{ source('identity', 'overrides') }}
),

usable_keys as (
    select
        identity_keys.*,
        uses.is_shared
    from {{ ref('int_identity_keys') }} as identity_keys
    inner join {{ ref('int_identity_touched') }} as touched
        on identity_keys.record_id = touched.record_id
    inner join {{ ref('int_identity_key_uses') }} as uses
        on
            identity_keys.key_kind = uses.key_kind
            and identity_keys.key_value = uses.key_value
            and identity_keys.key_other = uses.key_other
    where not uses.is_blocked
),

pairs as (
    select
        a.record_id as node_a,
        b.record_id as node_b,
        a.key_kind,
        a.key_value,
        a.is_shared
    from usable_keys as a
    inner join usable_keys as b
        on
            a.key_kind = b.key_kind
            and a.key_value = b.key_value
            and a.key_other = b.key_other
            and a.record_id < b.record_id
),

compared as (
    select
        pairs.*,
        {{ some_differ(['birth_date']) }} as births_differ,
        {{ some_agree(given_names + full_names) }} as names_agree,
        {{ some_differ(given_names + full_names) }} as names_differ
    from pairs
    inner join records as a on pairs.node_a = a.record_id
    inner join records as b on pairs.node_b = b.record_id
),

judged as (
    select
        node_a,
        node_b,
        key_value,
        case
            {% for kind, rule in key_rules().items() if rule in (
                'same_line_id', 'name_and_birth_date'
            ) -%}
            when key_kind = {{ kind }} then '{{ rule }}'
            {% endfor -%}
            when births_differ then null
            when key_kind in (7, 8) then 'name_and_address'
            when names_agree then case key_kind when 2 then 'same_email' else 'same_phone' end
            when names_differ or is_shared then null
            {% if rule_is_on('email_without_name') -%}
            when key_kind = 2 then 'email_without_name'
            {% endif -%}
            {% if rule_is_on('phone_without_name') -%}
            when key_kind = 3 then 'phone_without_name'
            {% endif -%}
        end as rule
    from compared
),

-- Records that name a member belong to the member's record, not to each other.
named_members as (
    select
        least(records.record_id, members.record_id) as node_a,
        greatest(records.record_id, members.record_id) as node_b,
        members.record_id as key_value,
        'same_member_id' as rule
    from records
    inner join records as members on records.member_record_id = members.record_id
    where records.record_id <> members.record_id and {{ rule_is_on('same_member_id') }}
),

decided as (
    select
        least(a.record_id, b.record_id) as node_a,
        greatest(a.record_id, b.record_id) as node_b,
        cast(0 as bigint) as key_value,
        'manual' as rule
    from overrides
    inner join records as a
        on overrides.source_system_a = a.source_system and overrides.source_id_a = a.source_id
    inner join records as b
        on overrides.source_system_b = b.source_system and overrides.source_id_b = b.source_id
    where overrides.action = 'always' and a.record_id <> b.record_id
),

all_links as (
    select node_a, node_b, rule, key_value, cast(null as double) as probability from judged
    union all
    select node_a, node_b, rule, key_value, cast(null as double) from named_members
    union all
    select node_a, node_b, rule, key_value, cast(null as double) from decided
    {%- if var('identity_matcher') == 'splink' %}
    union all
    select
        least(a.record_id, b.record_id),
        greatest(a.record_id, b.record_id),
        'splink',
        cast(0 as bigint),
        found.match_probability
    from {{ source('prediction', 'identity_edges') }} as found
    inner join records as a
        on found.source_system_a = a.source_system and found.source_id_a = a.source_id
    inner join records as b
        on found.source_system_b = b.source_system and found.source_id_b = b.source_id
    {%- endif %}
),

weighed as (
    select
        all_links.node_a,
        all_links.node_b,
        all_links.rule,
        all_links.key_value,
        rules.strength,
        coalesce(all_links.probability, rules.confidence) as confidence
    from all_links
    inner join {{ ref('identity_rules') }} as rules on all_links.rule = rules.rule
)

select *
from weighed
qualify row_number() over (
    partition by node_a, node_b
    order by
        strength desc nulls last,
        confidence desc nulls last,
        rule asc nulls last,
        key_value asc nulls last
) = 1
