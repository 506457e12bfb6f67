{{ config(materialized='table') }}

-- One row a record: its component over all links, its component after conflicts and decisions are
-- split (the person), and the surest link to another record of that person. Records that were not
-- touched keep last night's. A component is named after its least record.

with

touched as (
    select
        components.record_id,
        components.loose_component,
        coalesce(splits.part, components.loose_component) as component
    from {{ ref('int_identity_components') }} as components
    left join {{ ref('int_identity_splits') }} as splits
        on components.record_id = splits.record_id
),

links as (
    select
        edges.*
    from {{ ref('int_identity_touched_edges') }} as edges
    inner join touched as a on edges.node_a = a.record_id
    inner join touched as b on edges.node_b = b.record_id and a.component = b.component
),

surest_links as (
    select
        node,
        rule,
        confidence,
        key_value
    from (
        select node_a as node, rule, strength, confidence, key_value from links
        union all
        select node_b, rule, strength, confidence, key_value from links
    ) as both_ways
    qualify row_number() over (
        partition by node
        order by
            strength desc nulls last,
            confidence desc nulls last,
            rule asc nulls last,
            key_value asc nulls last
    ) = 1
),

worked_out as (
    select
        touched.record_id,
        touched.loose_component,
        touched.component,
        coalesce(surest_links.rule, 'own_record') as match_rule,
        coalesce(surest_links.confidence, 1.0) as confidence,
        surest_links.key_value as match_evidence
    from touched
    left join surest_links on touched.record_id = surest_links.node
),

kept as (
    select
        clusters_before.record_id,
        clusters_before.loose_component,
        clusters_before.component,
        clusters_before.match_rule,
        clusters_before.confidence,
        clusters_before.match_evidence
    from {{ source('identity', 'clusters') }} as clusters_before
    inner join {{ ref('int_identity_records') }} as records
        on clusters_before.record_id = records.record_id
    left join touched on clusters_before.record_id = touched.record_id
    where touched.record_id is null {%- if not identity_is_incremental() %} and false{% endif %}
)

select * from worked_out
union all
select * from kept
