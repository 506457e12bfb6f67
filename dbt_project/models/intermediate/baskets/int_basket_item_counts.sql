{{ config(materialized='table') }}

-- The baskets of a store stand as its item 0.

with

items as (
    select * from {{ ref('int_basket_items') }}
),

baskets as (
    select distinct change, basket_id, store_number
    from {{ ref('int_basket_changes') }}
),

count_changes as (
    select
        place,
        {{ basket_band('n_items') }} as size_from,
        item,
        sum(change) as n_baskets,
        sum(change * (n_items - 1)) as n_companions
    from items
    group by 1, 2, 3
    union all
    select store_number, 1, 0, sum(change), 0
    from baskets
    group by store_number
),

final as (
    select
        place,
        size_from,
        item,
        cast(sum(n_baskets) as bigint) as n_baskets,
        cast(sum(n_companions) as bigint) as n_companions
    from (
        select * from count_changes
        {%- if baskets_are_incremental() %}
        union all
        select * from {{ source('baskets', 'item_counts') }}
        {%- endif %}
    ) as counted
    group by place, size_from, item
    having sum(n_baskets) <> 0
)

select * from final
