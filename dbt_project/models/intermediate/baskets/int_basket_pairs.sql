{{ config(materialized='table') }}

-- A table, because what is kept changes when this layer is built; of numbers, because names take
-- most of the time to write.
--
-- Expected pairs: of all pairs of items in baskets of a band and channel, the share of both items
-- among the items of these baskets says how many would be this pair if the items were mixed. Bands
-- of a stratum stand side by side, and each stratum is rounded, so that the order of additions
-- does not matter.

{% set bands = basket_bands() %}
{% set scope_factor = 2147483648 %}

with

keys as (
    select * from {{ ref('int_basket_keys') }}
),

item_counts as (
    select * from {{ ref('int_basket_item_counts') }}
),

pair_changes as (
    select * from {{ ref('int_basket_pair_changes') }}
),

scopes_of_places as (
    {{ basket_scopes('keys') }}
),

pairs as (
    {%- if baskets_are_incremental() %}
    select
        coalesce(kept.scope, pair_changes.scope) as scope,
        coalesce(kept.item_a, pair_changes.item_a) as item_a,
        coalesce(kept.item_b, pair_changes.item_b) as item_b,
        coalesce(kept.n_baskets, 0) + coalesce(pair_changes.n_baskets, 0) as n_ab
    from {{ source('baskets', 'pairs') }} as kept
    full outer join pair_changes
        on
            kept.scope = pair_changes.scope
            and kept.item_a = pair_changes.item_a
            and kept.item_b = pair_changes.item_b
    where
        coalesce(kept.n_baskets, 0) + coalesce(pair_changes.n_baskets, 0)
        >= {{ var('basket_min_receipts') }}
    {%- else %}
    select scope, item_a, item_b, n_baskets as n_ab
    from pair_changes
    where n_baskets >= {{ var('basket_min_receipts') }}
    {%- endif %}
),

items as (
    select
        scopes.scope,
        scopes.channel_number,
        keys.kind as level,
        item_counts.item,
        item_counts.size_from,
        sum(item_counts.n_baskets) as n_baskets,
        sum(item_counts.n_companions) as n_companions
    from item_counts
    inner join scopes_of_places as scopes on item_counts.place = scopes.place
    inner join keys on item_counts.item = keys.number
    group by
        scopes.scope,
        scopes.channel_number,
        keys.kind,
        item_counts.item,
        item_counts.size_from
),

-- Ordered pairs in the baskets of a stratum, to the square of the items in them.
weigh_strata as (
    select
        scope,
        channel_number,
        level,
        size_from,
        cast(sum(n_companions) as double)
        / (cast(sum(n_baskets) as double) * cast(sum(n_baskets) as double)) as weight
    from items
    group by scope, channel_number, level, size_from
),

weigh_items as (
    select
        items.scope,
        items.channel_number,
        items.item,
        {%- for size in bands %}
        coalesce(max(cast(items.n_baskets as double)) filter (where items.size_from = {{ size }}), 0)
            as n_{{ size }},
        coalesce(
            max(weights.weight * cast(items.n_baskets as double))
                filter (where items.size_from = {{ size }}),
            0
        ) as weighted_{{ size }}{{ ',' if not loop.last }}
        {%- endfor %}
    from items
    inner join weigh_strata as weights
        on
            items.scope = weights.scope
            and items.channel_number = weights.channel_number
            and items.level = weights.level
            and items.size_from = weights.size_from
    group by items.scope, items.channel_number, items.item
),

expect_pairs as (
    select
        pairs.scope,
        pairs.item_a,
        pairs.item_b,
        pairs.n_ab,
        sum(cast(
            {%- for size in bands %}
            {{ '+ ' if not loop.first }}a.weighted_{{ size }} * b.n_{{ size }}
            {%- endfor %}
            as decimal(18, 6)
        )) as expected_n_ab
    from pairs
    inner join weigh_items as a on pairs.scope = a.scope and pairs.item_a = a.item
    inner join weigh_items as b
        on
            pairs.scope = b.scope
            and pairs.item_b = b.item
            and a.channel_number = b.channel_number
    group by pairs.scope, pairs.item_a, pairs.item_b, pairs.n_ab
),

total_baskets as (
    select scopes.scope, sum(item_counts.n_baskets) as n_baskets
    from item_counts
    inner join scopes_of_places as scopes on item_counts.place = scopes.place
    where item_counts.item = 0
    group by scopes.scope
),

-- Scope and item in one number: joined by two, all items of a scope would meet each other first.
total_items as (
    select
        cast(scope as bigint) * {{ scope_factor }} + item as scope_item,
        sum(n_baskets) as n_baskets
    from items
    group by scope, item
),

final as (
    select
        pairs.scope,
        pairs.item_a,
        pairs.item_b,
        cast(baskets.n_baskets as bigint) as n_baskets,
        cast(a.n_baskets as bigint) as n_a,
        cast(b.n_baskets as bigint) as n_b,
        cast(pairs.n_ab as bigint) as n_ab,
        cast(pairs.expected_n_ab as decimal(18, 6)) as expected_n_ab
    from expect_pairs as pairs
    inner join total_baskets as baskets on pairs.scope = baskets.scope
    inner join total_items as a
        on cast(pairs.scope as bigint) * {{ scope_factor }} + pairs.item_a = a.scope_item
    inner join total_items as b
        on cast(pairs.scope as bigint) * {{ scope_factor }} + pairs.item_b = b.scope_item
)

select * from final
