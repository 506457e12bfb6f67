{{ config(materialized='table') }}

with

touched_receipts as (
    select * from {{ ref('int_touched_receipts') }}
),

-- Past versions are those of the nights that the touched receipts come from.
versions as (
    select * from {{ ref('int_receipt_prints') }}
),

-- Whose receipt it is, and whose it was.
customers as (
    select distinct versions.customer_key
    from versions
    inner join touched_receipts on versions.receipt_id = touched_receipts.receipt_id
    where versions.customer_key is not null
),

final as (
    select receipt_id from touched_receipts
    union
    select versions.receipt_id
    from versions
    inner join customers on versions.customer_key = customers.customer_key
    where versions.ended is null
)

select * from final
