{{ config(materialized='table') }}

with

edges as (
    select * from {{ ref('int_household_edges') }}
),

components as (
    {{ connected_components(ref('int_household_edges')) }}
),

find_sizes as (
    select
        label,
        count(*) > {{ var('household_max_customers') }} as is_too_large
    from components
    group by label
),

final as (
    select
        edges.customer_key_a,
        edges.customer_key_b,
        edges.shared_by,
        edges.node_a,
        edges.node_b,
        components.label,
        find_sizes.is_too_large
    from edges
    inner join components on edges.node_a = components.node
    inner join find_sizes on components.label = find_sizes.label
)

select * from final
