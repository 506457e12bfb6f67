{{ config(materialized='table') }}

-- A pair counts for its place, for the channel, and for all (0).

with

items as (
    select * from {{ ref('int_basket_items') }}
    where n_items > 1
),

count_pairs as (
    select
        a.channel_number,
        a.place,
        a.item as item_a,
        b.item as item_b,
        sum(a.change) as n_baskets
    from items as a
    inner join items as b
        on a.basket_id = b.basket_id and a.place = b.place and a.item < b.item
    where a.change = b.change
    group by a.channel_number, a.place, a.item, b.item
    having sum(a.change) <> 0
),

count_scopes as (
    select place as scope, item_a, item_b, n_baskets
    from count_pairs
    where place <> channel_number
    union all
    select channel_number, item_a, item_b, n_baskets
    from count_pairs
    union all
    select 0, item_a, item_b, n_baskets
    from count_pairs
)

select
    scope,
    item_a,
    item_b,
    cast(sum(n_baskets) as bigint) as n_baskets
from count_scopes
group by scope, item_a, item_b
having sum(n_baskets) <> 0
