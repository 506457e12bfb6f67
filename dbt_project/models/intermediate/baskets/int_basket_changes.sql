{{ config(materialized='table') }}

-- Baskets that are not what the last green run counted: as they were (change -1) and as they are
-- (change 1), in the numbers of int_basket_keys.

{% set columns = [
    'basket_id', 'business_date', 'channel_number', 'store_number', 'product_number',
    'category_number'
] %}

with

receipts as (
    select * from {{ ref('int_basket_receipts') }}
),

keys as (
    select * from {{ ref('int_basket_keys') }}
),

list_lines as (
    select
        receipts.basket_id,
        products.number as product_number,
        receipt_lines.quantity
    from receipts
    inner join {{ ref('stg_pos__receipt_lines') }} as receipt_lines
        on receipts.receipt_id = receipt_lines.receipt_id
    inner join keys as products
        on
            products.kind = 'product'
            and products.is_counted
            and receipt_lines.product_id = products.key
    where
        (receipt_lines.line_type = 'sale' and receipts.has_sold_lines)
        or (receipt_lines.line_type = 'return' and receipts.has_returned_lines)
),

keep_items as (
    select basket_id, product_number
    from list_lines
    group by basket_id, product_number
    having sum(quantity) > 0
),

too_large as (
    select basket_id
    from keep_items
    group by basket_id
    having count(*) > {{ var('basket_max_products') }}
),

lines_now as (
    select
        keep_items.basket_id,
        baskets.business_date,
        baskets.channel_number,
        baskets.store_number,
        keep_items.product_number,
        categories.number as category_number
    from keep_items
    inner join receipts as baskets
        on keep_items.basket_id = baskets.basket_id and baskets.is_basket
    inner join keys as products
        on products.kind = 'product' and keep_items.product_number = products.number
    left join keys as categories
        on categories.kind = 'category' and products.group_key = categories.key
    where keep_items.basket_id not in (select basket_id from too_large)
),

{%- if baskets_are_incremental() %}

lines_before as (
    select {{ columns | join(', ') }}
    from {{ source('baskets', 'lines') }}
    where business_date in (
        select business_date from {{ ref('int_basket_days') }} where is_changed
    )
),

find_other_baskets as (
    select basket_id
    from (
        select
            basket_id,
            count(*) as n_lines,
            bit_xor({{ row_hash(columns) }}) as fingerprint
        from lines_now
        group by basket_id
        union all
        select
            basket_id,
            count(*) as n_lines,
            bit_xor({{ row_hash(columns) }}) as fingerprint
        from lines_before
        group by basket_id
    ) as both_times
    group by basket_id
    having
        count(*) = 1
        or min(n_lines) <> max(n_lines)
        or min(fingerprint) <> max(fingerprint)
),

final as (
    select cast(1 as integer) as change, {{ columns | join(', ') }}
    from lines_now
    where basket_id in (select basket_id from find_other_baskets)
    union all
    select -1, {{ columns | join(', ') }}
    from lines_before
    where basket_id in (select basket_id from find_other_baskets)
)
{%- else %}

final as (
    select cast(1 as integer) as change, {{ columns | join(', ') }}
    from lines_now
)
{%- endif %}

select * from final
