{{ config(materialized='table') }}

-- A table of its own, so that few of the many lines are read when few days changed. What comes back
-- counts for the receipt that sold it.

with

changed_days as (
    select * from {{ ref('int_basket_days') }}
    where is_changed and is_in_window
),

keys as (
    select * from {{ ref('int_basket_keys') }}
),

receipts as (
    select * from {{ ref('int_receipts') }}
),

baskets as (
    select
        receipts.receipt_id,
        {{ row_hash(['receipts.receipt_id']) }} as basket_id,
        receipts.business_date,
        channels.number as channel_number,
        stores.number as store_number,
        receipts.linked_receipt_id is not null as is_linked
    from receipts
    inner join changed_days on receipts.business_date = changed_days.business_date
    inner join keys as stores on stores.kind = 'store' and receipts.store_id = stores.key
    inner join keys as channels on channels.kind = 'channel' and stores.group_key = channels.key
    where receipts.receipt_type = 'sale' and not receipts.is_internal
),

-- Few receipts name another: they are matched first, so that the large join meets a small side.
linked as (
    select receipt_id, receipt_type, linked_receipt_id
    from {{ ref('int_receipts') }}
    where linked_receipt_id is not null
),

returned as (
    select
        linked.receipt_id,
        linked.receipt_type = 'return' as is_return_receipt,
        baskets.basket_id,
        baskets.business_date,
        baskets.channel_number,
        baskets.store_number
    from linked
    inner join baskets on linked.linked_receipt_id = baskets.receipt_id
)

select
    receipt_id,
    basket_id,
    business_date,
    channel_number,
    store_number,
    true as is_basket,
    true as has_sold_lines,
    not is_linked as has_returned_lines
from baskets
union all
select
    receipt_id,
    basket_id,
    business_date,
    channel_number,
    store_number,
    false as is_basket,
    is_return_receipt as has_sold_lines,
    true as has_returned_lines
from returned
