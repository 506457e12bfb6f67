{{ config(materialized='table') }}

-- What of a changed basket is counted: its products, by channel, and its categories, by store. That
-- is their place; a number is a channel's or a store's, never both.

with

changes as (
    select * from {{ ref('int_basket_changes') }}
),

categories as (
    select distinct
        change,
        basket_id,
        channel_number,
        store_number,
        category_number
    from changes
    where category_number is not null
),

list_items as (
    select
        changes.change,
        changes.basket_id,
        changes.channel_number,
        changes.channel_number as place,
        changes.product_number as item,
        sizes.n_items
    from changes
    inner join (
        select change, basket_id, count(*) as n_items
        from changes
        group by change, basket_id
    ) as sizes
        on changes.basket_id = sizes.basket_id and changes.change = sizes.change
    union all
    select
        categories.change,
        categories.basket_id,
        categories.channel_number,
        categories.store_number,
        categories.category_number,
        sizes.n_items
    from categories
    inner join (
        select change, basket_id, count(*) as n_items
        from categories
        group by change, basket_id
    ) as sizes
        on categories.basket_id = sizes.basket_id and categories.change = sizes.change
)

select
    change,
    basket_id,
    channel_number,
    place,
    item,
    cast(n_items as integer) as n_items
from list_items
