{{ config(materialized='table') }}

-- One row a record that is worked out again: its component over all links (loose), over strong
-- links alone, and the one that it gets. A component that cannot be one person (two birth dates,
-- two given names, too many records, two member records that nothing strong joins) loses the
-- links that are not strong.

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

conflicts as (
    select loose_component
    from labelled
    group by loose_component
    having
        count(*) > {{ var('identity_max_component_records') }}
        or count(distinct birth_date) > 1
        or count(distinct given_name_key) > 1
        or count(distinct given_kana_key) > 1
        or count(distinct given_romaji_key) > 1
        or count(distinct case when source_system = 'pos' then strong_component end) > 1
)

select
    labelled.record_id,
    labelled.source_system,
    labelled.loose_component,
    case
        when conflicts.loose_component is null then labelled.loose_component
        else labelled.strong_component
    end as component,
    conflicts.loose_component is not null as has_conflict
from labelled
left join conflicts on labelled.loose_component = conflicts.loose_component
