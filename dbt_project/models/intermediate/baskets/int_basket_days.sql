{{ config(materialized='table') }}

-- A day is counted again when its fingerprint is another one: a receipt came, was corrected, voided
-- or brought back in part, a store sells by another channel, or a product is of another kind.

with

days_before as (
    select * from {{ source('baskets', 'days') }}
    {% if not baskets_are_incremental() %}where false{% endif %}
),

keys_before as (
    select * from {{ source('baskets', 'keys') }}
    {% if not baskets_are_incremental() %}where false{% endif %}
),

keys as (
    select * from {{ ref('int_basket_keys') }}
),

receipts as (
    select * from {{ ref('int_sales_receipts') }}
),

receipt_lines as (
    select * from {{ ref('stg_pos__receipt_lines') }}
),

find_changed_products as (
    select keys.key as product_id
    from keys
    inner join keys_before on keys.kind = keys_before.kind and keys.key = keys_before.key
    where
        keys.kind = 'product'
        and (
            keys.is_counted <> keys_before.is_counted
            or keys.group_key is distinct from keys_before.group_key
        )
),

find_days_of_changed_products as (
    select distinct receipts.business_date
    from find_changed_products as changed
    inner join receipt_lines on changed.product_id = receipt_lines.product_id
    inner join receipts on receipt_lines.receipt_id = receipts.receipt_id
),

fingerprint_days as (
    select
        receipts.business_date,
        count(*) as n_receipts,
        bit_xor({{ row_hash([
            'receipts.receipt_id', 'receipts.goods_hash', 'receipts.store_id', 'stores.group_key',
            var('basket_max_products')
        ]) }}) as fingerprint
    from receipts
    inner join keys as stores on stores.kind = 'store' and receipts.store_id = stores.key
    where
        receipts.receipt_type = 'sale'
        and not receipts.is_internal
        and {{ in_window('receipts.business_date', var('basket_days')) }}
    group by receipts.business_date
),

final as (
    select
        coalesce(days.business_date, days_before.business_date) as business_date,
        days.n_receipts,
        days.fingerprint,
        days.business_date is not null as is_in_window,
        days.fingerprint is distinct from days_before.fingerprint
        or days.n_receipts is distinct from days_before.n_receipts
        or of_changed_products.business_date is not null as is_changed
    from fingerprint_days as days
    full outer join days_before on days.business_date = days_before.business_date
    left join find_days_of_changed_products as of_changed_products
        on coalesce(days.business_date, days_before.business_date)
        = of_changed_products.business_date
)

select * from final
