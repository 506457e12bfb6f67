{{ config(materialized='table') }}

-- One row a record of a component that must be split, with the block that it is moved in: what
-- strong links join stays together, unless a decision goes through it: then each record is alone.

select
    components.record_id,
    components.loose_component,
    components.strong_component,
    case
        when components.is_divided then components.record_id
        else components.strong_component
    end as block_id,
    components.is_too_large,
    records.source_system,
    records.source_id,
    records.birth_date,
    records.given_name_key,
    records.given_kana_key,
    records.given_romaji_key
from {{ ref('int_identity_components') }} as components
inner join {{ ref('int_identity_records') }} as records
    on components.record_id = records.record_id
where components.must_split
