{{ config(materialized='prints', key='receipt_id') }}

with

receipts as (
    select * from {{ ref('int_receipts') }}
),

receipt_lines as (
    select * from {{ ref('stg_pos__receipt_lines') }}
),

products as (
    select * from {{ ref('int_products') }}
),

print_lines as (
    select
        receipt_lines.receipt_id,
        bit_xor({{ row_hash([
            'receipt_lines.line_no', 'receipt_lines.product_id', 'receipt_lines.line_type',
            'receipt_lines.quantity', 'receipt_lines.unit_price', 'receipt_lines.list_price',
            'receipt_lines.line_amount', 'receipt_lines.discount_amount',
            'receipt_lines.tax_rate', 'receipt_lines.tax_amount', 'receipt_lines.tax_included',
            'products.tax_rate', 'products.is_merchandise', 'products.unit_cost'
        ]) }}) as print
    from receipt_lines
    left join products on receipt_lines.product_id = products.product_id
    group by receipt_lines.receipt_id
),

final as (
    select
        receipts.receipt_id,
        receipts.linked_receipt_id,
        receipts.customer_key,
        {{ row_hash([
            'receipts.receipt_id', 'receipts.store_id', 'receipts.customer_key',
            'receipts.register_id', 'receipts.staff_id', 'receipts.original_receipt_id',
            'receipts.linked_receipt_id', 'receipts.receipt_type', 'receipts.currency',
            'receipts.discount_total', 'receipts.points_used', 'receipts.unit_hundredths',
            'receipts.is_internal', 'receipts.business_date', 'receipts.linked_business_date',
            'receipts.closed_at', 'print_lines.print'
        ]) }} as print,

        -- Filled in where the versions of two nights are compared.
        cast(0 as bigint) as began,
        cast(null as bigint) as ended
    from receipts
    left join print_lines on receipts.receipt_id = print_lines.receipt_id
)

select * from final
