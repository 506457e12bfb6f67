{{ config(materialized='table') }}

-- One row a pair of records that a rule joins, whether or not both are one person in the end: why
-- two records are one is answered from here. Links of untouched records are last night's; both
-- ends of a link stand in one cluster, so neither end was touched, or both were.

with

worked_out as (
    select
        node_a,
        node_b,
        rule,
        key_value,
        strength,
        confidence
    from {{ ref('int_identity_touched_edges') }}
),

kept as (
    select
        edges_before.node_a,
        edges_before.node_b,
        edges_before.rule,
        edges_before.key_value,
        edges_before.strength,
        edges_before.confidence
    from {{ source('identity', 'edges') }} as edges_before
    inner join {{ ref('int_identity_records') }} as a on edges_before.node_a = a.record_id
    inner join {{ ref('int_identity_records') }} as b on edges_before.node_b = b.record_id
    left join {{ ref('int_identity_touched') }} as touched
        on edges_before.node_a = touched.record_id
    where touched.record_id is null {%- if not identity_is_incremental() %} and false{% endif %}
)

select * from worked_out
union all
select * from kept
