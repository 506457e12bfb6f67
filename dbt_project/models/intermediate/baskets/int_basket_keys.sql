{{ config(materialized='table') }}

-- Numbers stay what they were, also those of what is gone, or what was kept under them would mean
-- something else.

with

keys_before as (
    select * from {{ source('baskets', 'keys') }}
    {% if not baskets_are_incremental() %}where false{% endif %}
),

receipt_lines as (
    select * from {{ ref('stg_pos__receipt_lines') }}
),

receipts as (
    select * from {{ ref('int_sales_receipts') }}
),

products as (
    select * from {{ ref('int_products') }}
),

stores as (
    select * from {{ ref('int_stores') }}
),

-- A product may sell before the master knows it: it is merchandise of no category.
list_products as (
    select
        sold.product_id,
        coalesce(products.category_3, products.category_2, products.category_1) as category,
        coalesce(products.is_merchandise, true)
        and not coalesce(products.is_sample, false)
        and products.membership_months is null as is_counted
    from (
        select product_id from products
        union
        select product_id from receipt_lines where product_id is not null
    ) as sold
    left join products on sold.product_id = products.product_id
),

list_stores as (
    select
        selling.store_id,
        coalesce(stores.channel, 'unknown') as channel
    from (select distinct store_id from receipts) as selling
    left join stores on selling.store_id = stores.store_id
),

list_keys as (
    select
        'product' as kind,
        product_id as key,
        category as group_key,
        is_counted
    from list_products
    union all
    select 'store', store_id, channel, true from list_stores
    union all
    select distinct 'category', category, cast(null as varchar), true
    from list_products
    where category is not null
    union all
    select distinct 'channel', channel, cast(null as varchar), true
    from list_stores
),

number_new_keys as (
    select
        list_keys.kind,
        list_keys.key,
        row_number() over (order by list_keys.kind asc nulls last, list_keys.key asc nulls last)
        + (select coalesce(max(number), 0) from keys_before) as number
    from list_keys
    left join keys_before
        on list_keys.kind = keys_before.kind and list_keys.key = keys_before.key
    where keys_before.key is null
),

final as (
    select
        coalesce(list_keys.kind, keys_before.kind) as kind,
        coalesce(list_keys.key, keys_before.key) as key,
        case when list_keys.key is null then keys_before.group_key else list_keys.group_key end
            as group_key,
        coalesce(list_keys.is_counted, keys_before.is_counted) as is_counted,
        cast(coalesce(keys_before.number, new_keys.number) as integer) as number
    from list_keys
    full outer join keys_before
        on list_keys.kind = keys_before.kind and list_keys.key = keys_before.key
    left join number_new_keys as new_keys
        on list_keys.kind = new_keys.kind and list_keys.key = new_keys.key
)

select * from final
