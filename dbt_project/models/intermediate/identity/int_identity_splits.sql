{{ config(materialized='table') }}

-- One row a record of a component that must be split, with the part that it gets. Links are taken
-- from the surest to the weakest, each unless it would bring two records together that must not
-- meet, so everybody stays where the surest evidence puts them and every decision holds.

{% set given_names = ['given_name_key', 'given_kana_key', 'given_romaji_key'] %}

with recursive

blocks as (
    select * from {{ ref('int_identity_blocks') }}
),

-- Records that must not meet: by decision, or, where nothing strong joins them, as two people.
must_not_meet as (
    select
        a.loose_component,
        least(a.block_id, b.block_id) as block_x,
        greatest(a.block_id, b.block_id) as block_y
    from blocks as a
    inner join blocks as b
        on
            a.loose_component = b.loose_component
            and a.record_id < b.record_id
            and a.strong_component <> b.strong_component
    where
        not a.is_too_large
        and (
            (a.source_system = 'pos' and b.source_system = 'pos')
            or {{ some_differ(['birth_date']) }}
            or {{ some_differ(given_names) }}
        )
    {%- if var('identity_never_merge_member_ids') %}
    union
    select
        a.loose_component,
        least(a.block_id, b.block_id),
        greatest(a.block_id, b.block_id)
    from blocks as a
    inner join blocks as b
        on a.loose_component = b.loose_component and a.record_id < b.record_id
    where a.source_system = 'pos' and b.source_system = 'pos'
    {%- endif %}
    union
    select
        a.loose_component,
        least(a.block_id, b.block_id),
        greatest(a.block_id, b.block_id)
    from {{ source('identity', 'overrides') }} as overrides
    inner join blocks as a
        on overrides.source_system_a = a.source_system and overrides.source_id_a = a.source_id
    inner join blocks as b
        on
            overrides.source_system_b = b.source_system
            and overrides.source_id_b = b.source_id
            and a.loose_component = b.loose_component
    where overrides.action = 'never'
),

numbered_pairs as (
    select
        loose_component,
        block_x,
        block_y,
        row_number() over (
            partition by loose_component order by block_x asc nulls last, block_y asc nulls last
        ) as pair_number
    from must_not_meet
),

-- In a component that is too large, weak links count for nothing.
links_between_blocks as (
    select
        a.loose_component,
        least(a.block_id, b.block_id) as block_a,
        greatest(a.block_id, b.block_id) as block_b,
        max(links.strength) as strength,
        max(links.strength + links.confidence) as sureness
    from {{ ref('int_identity_touched_edges') }} as links
    inner join blocks as a on links.node_a = a.record_id
    inner join blocks as b on links.node_b = b.record_id
    where a.block_id <> b.block_id and (links.strength >= 3 or not a.is_too_large)
    group by
        a.loose_component,
        least(a.block_id, b.block_id),
        greatest(a.block_id, b.block_id)
),

ranked_links as (
    select
        loose_component,
        block_a,
        block_b,
        row_number() over (
            partition by loose_component
            order by sureness desc nulls last, block_a asc nulls last, block_b asc nulls last
        ) as step
    from links_between_blocks
),

walk as (
    select distinct
        loose_component,
        block_id,
        block_id as part,
        cast(0 as bigint) as step
    from blocks
    union all
    select
        loose_component,
        block_id,
        case
            when not is_forbidden and part = greatest(part_a, part_b) then least(part_a, part_b)
            else part
        end as part,
        step
    from (
        select distinct
            loose_component,
            block_id,
            part,
            step,
            part_a,
            part_b,
            bool_or(
                coalesce(
                    least(part_x, part_y) = least(part_a, part_b)
                    and greatest(part_x, part_y) = greatest(part_a, part_b),
                    false
                )
            ) over (partition by loose_component) as is_forbidden
        from (
            select
                walk.loose_component,
                walk.block_id,
                walk.part,
                ranked_links.step,
                max(case when walk.block_id = ranked_links.block_a then walk.part end)
                    over (partition by walk.loose_component) as part_a,
                max(case when walk.block_id = ranked_links.block_b then walk.part end)
                    over (partition by walk.loose_component) as part_b,
                max(case when walk.block_id = numbered_pairs.block_x then walk.part end)
                    over (partition by walk.loose_component, numbered_pairs.pair_number) as part_x,
                max(case when walk.block_id = numbered_pairs.block_y then walk.part end)
                    over (partition by walk.loose_component, numbered_pairs.pair_number) as part_y
            from walk
            inner join ranked_links
                on
                    walk.loose_component = ranked_links.loose_component
                    and walk.step + 1 = ranked_links.step
            left join numbered_pairs
                on walk.loose_component = numbered_pairs.loose_component
        ) as looked_up
    ) as judged
),

ends as (
    select
        block_id,
        part
    from walk
    qualify row_number() over (partition by block_id order by step desc nulls last) = 1
)

select
    blocks.record_id,
    ends.part
from blocks
inner join ends on blocks.block_id = ends.block_id
