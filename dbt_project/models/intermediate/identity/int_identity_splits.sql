{{ config(materialized='table') }}

-- One row a record of a component in which two records must not meet (somebody decided "never",
-- or one card is one person by setting), with the part that it gets. Links are taken from the
-- surest to the weakest, each unless it would bring two such records together, so everybody
-- stays where the surest evidence puts them and every decision holds.

with recursive

components as (
    select * from {{ ref('int_identity_components') }}
),

names as (
    select record_id, source_system, source_id from {{ ref('int_identity_records') }}
),

never_decided as (
    select
        a.record_id as node_x,
        b.record_id as node_y
    from {{ source('identity', 'overrides') }} as overrides
    inner join names as a
        on overrides.source_system_a = a.source_system and overrides.source_id_a = a.source_id
    inner join names as b
        on overrides.source_system_b = b.source_system and overrides.source_id_b = b.source_id
    where overrides.action = 'never'
),

{% if var('identity_never_merge_member_ids') -%}
never_by_setting as (
    select
        a.record_id as node_x,
        b.record_id as node_y
    from components as a
    inner join components as b on a.component = b.component and a.record_id < b.record_id
    where a.source_system = 'pos' and b.source_system = 'pos'
),
{%- endif %}

forbidden as (
    select
        x.component,
        pairs.node_x,
        pairs.node_y,
        row_number() over (
            partition by x.component
            order by pairs.node_x asc nulls last, pairs.node_y asc nulls last
        ) as pair_number
    from (
        select node_x, node_y from never_decided
        {%- if var('identity_never_merge_member_ids') %}
        union
        select node_x, node_y from never_by_setting
        {%- endif %}
    ) as pairs
    inner join components as x on pairs.node_x = x.record_id
    inner join components as y on pairs.node_y = y.record_id and x.component = y.component
),

members_of_split as (
    select components.component, components.record_id
    from components
    inner join (select distinct component from forbidden) as affected
        on components.component = affected.component
),

ranked_links as (
    select
        a.component,
        links.node_a,
        links.node_b,
        row_number() over (
            partition by a.component
            order by
                links.strength desc nulls last,
                links.confidence desc nulls last,
                links.node_a asc nulls last,
                links.node_b asc nulls last
        ) as step
    from {{ ref('int_identity_touched_edges') }} as links
    inner join members_of_split as a on links.node_a = a.record_id
    inner join members_of_split as b
        on links.node_b = b.record_id and a.component = b.component
),

walk as (
    select component, record_id, record_id as part, cast(0 as bigint) as step
    from members_of_split
    union all
    select
        component,
        record_id,
        case
            when not is_forbidden and part = greatest(part_a, part_b) then least(part_a, part_b)
            else part
        end as part,
        step
    from (
        select distinct
            component,
            record_id,
            part,
            step,
            part_a,
            part_b,
            bool_or(
                least(part_x, part_y) = least(part_a, part_b)
                and greatest(part_x, part_y) = greatest(part_a, part_b)
            ) over (partition by component) as is_forbidden
        from (
            select
                walk.component,
                walk.record_id,
                walk.part,
                ranked_links.step,
                max(case when walk.record_id = ranked_links.node_a then walk.part end)
                    over (partition by walk.component) as part_a,
                max(case when walk.record_id = ranked_links.node_b then walk.part end)
                    over (partition by walk.component) as part_b,
                max(case when walk.record_id = forbidden.node_x then walk.part end)
                    over (partition by walk.component, forbidden.pair_number) as part_x,
                max(case when walk.record_id = forbidden.node_y then walk.part end)
                    over (partition by walk.component, forbidden.pair_number) as part_y
            from walk
            inner join ranked_links
                on
                    walk.component = ranked_links.component
                    and walk.step + 1 = ranked_links.step
            inner join forbidden on walk.component = forbidden.component
        ) as looked_up
    ) as judged
)

select
    component,
    record_id,
    part
from walk
qualify row_number() over (partition by record_id order by step desc nulls last) = 1
