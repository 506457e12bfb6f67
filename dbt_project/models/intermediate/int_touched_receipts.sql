{{ config(materialized='table') }}

with

versions as (
    select * from {{ ref('int_receipt_prints') }}
    where {{ is_news('int_receipt_prints') }}
),

-- A return counts for the receipt that it names, on the clock of orders.
final as (
    select receipt_id from versions
    union
    select linked_receipt_id from versions
    where linked_receipt_id is not null
)

select * from final
