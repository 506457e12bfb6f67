{{ config(materialized='table') }}

-- One row a record that is worked out again: its component over all links (loose) and over strong
-- links alone. `must_split` marks loose components that cannot be one person as they are: two
-- birth dates, two given names, too many records, two member records that nothing strong joins,
-- or a decision "never" between two of the records.

with

records as (
    select records.*
    from {{ ref('int_identity_records') }} as records
    inner join {{ ref('int_identity_touched') }} as touched
        on records.record_id = touched.record_id
),

loose_components as (
    {{ connected_components(ref('int_identity_touched_edges')) }}
),

strong_components as (
    {{ connected_components(ref('int_identity_touched_edges'), condition='strength >= 3') }}
),

labelled as (
    select
        records.*,
        coalesce(loose_components.label, records.record_id) as loose_component,
        coalesce(strong_components.label, records.record_id) as strong_component
    from records
    left join loose_components on records.record_id = loose_components.node
    left join strong_components on records.record_id = strong_components.node
),

-- "Never" may divide what strong links join; so may "one card is one person".
divided as (
    select distinct a.loose_component
    from {{ source('identity', 'overrides') }} as overrides
    inner join labelled as a
        on overrides.source_system_a = a.source_system and overrides.source_id_a = a.source_id
    inner join labelled as b
        on
            overrides.source_system_b = b.source_system
            and overrides.source_id_b = b.source_id
            and a.loose_component = b.loose_component
    where overrides.action = 'never'
    {%- if var('identity_never_merge_member_ids') %}
    union
    select loose_component
    from labelled
    where source_system = 'pos'
    group by loose_component
    having count(*) > 1
    {%- endif %}
),

judged as (
    select
        loose_component,
        count(*) as n_records,
        count(distinct birth_date) > 1
        or count(distinct given_name_key) > 1
        or count(distinct given_kana_key) > 1
        or count(distinct given_romaji_key) > 1
        or count(distinct case when source_system = 'pos' then strong_component end) > 1
            as has_conflict
    from labelled
    group by loose_component
    having count(*) > 1
)

select
    labelled.record_id,
    labelled.loose_component,
    labelled.strong_component,
    coalesce(judged.n_records > {{ var('identity_max_component_records') }}, false) as is_too_large,
    divided.loose_component is not null as is_divided,
    coalesce(judged.has_conflict, false)
    or coalesce(judged.n_records > {{ var('identity_max_component_records') }}, false)
    or divided.loose_component is not null as must_split
from labelled
left join judged on labelled.loose_component = judged.loose_component
left join divided on labelled.loose_component = divided.loose_component
