{{ config(materialized='table') }}

with

counted_receipts as (
    select * from {{ ref('int_counted_receipts') }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
    where source_system = 'pos'
),

customers as (
    select * from {{ ref('int_customers') }}
),

currencies as (
    select * from {{ ref('currency_minor_units') }}
),

final as (
    select
        counted_receipts.receipt_id,
        counted_receipts.store_id,
        identity_links.customer_key,
        counted_receipts.register_id,
        counted_receipts.staff_id,
        counted_receipts.original_receipt_id,
        counted_receipts.linked_receipt_id,

        counted_receipts.receipt_type,
        counted_receipts.currency,

        counted_receipts.total_inc_tax,
        counted_receipts.discount_total,
        counted_receipts.points_used,
        counted_receipts.points_earned,
        -- Hundredths in the smallest unit of the currency: 100 for yen, 1 for cents.
        case currencies.minor_units when 0 then 100 when 1 then 10 else 1 end as unit_hundredths,

        coalesce(customers.is_internal, false) as is_internal,

        counted_receipts.business_date,
        counted_receipts.linked_business_date,
        counted_receipts.closed_at
    from counted_receipts
    left join identity_links on counted_receipts.member_id_hash = identity_links.source_id
    left join customers on identity_links.customer_key = customers.customer_key
    left join currencies on counted_receipts.currency = currencies.currency
)

select * from final
