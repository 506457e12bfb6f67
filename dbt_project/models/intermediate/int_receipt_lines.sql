with

receipt_lines as (
    select * from {{ ref('stg_pos__receipt_lines') }}
    where {{ is_touched_receipt() }}
),

receipts as (
    select * from {{ ref('int_receipts') }}
),

products as (
    select * from {{ ref('int_products') }}
),

classify_lines as (
    select
        receipt_lines.receipt_id,
        receipt_lines.line_no,
        receipt_lines.product_id,
        receipts.store_id,
        receipts.customer_key,
        receipts.linked_receipt_id,

        receipt_lines.line_type,
        receipts.receipt_type,
        receipts.currency,

        receipt_lines.quantity,
        receipt_lines.unit_price,
        receipt_lines.list_price,
        receipt_lines.line_amount,
        coalesce(receipt_lines.discount_amount, 0) as line_discount_amount,
        receipt_lines.tax_amount as feed_tax_amount,
        coalesce(receipt_lines.tax_rate, products.tax_rate, 0) as tax_rate,
        receipts.unit_hundredths,

        receipt_lines.tax_included,
        receipts.is_internal,
        receipt_lines.line_type in ('sale', 'return', 'fee') as is_revenue,
        receipt_lines.line_type in ('sale', 'return')
        and coalesce(products.is_merchandise, true) as is_merchandise,
        receipt_lines.line_type = 'return' or receipts.receipt_type = 'return' as is_return,

        receipts.business_date,
        receipts.linked_business_date,
        receipts.closed_at
    from receipt_lines
    inner join receipts on receipt_lines.receipt_id = receipts.receipt_id
    left join products on receipt_lines.product_id = products.product_id
),

final as (
    select
        *,
        -- Goods sold by weight or volume are one item a line.
        case
            when not is_merchandise then 0
            when quantity = round(quantity, 0) then cast(quantity as bigint)
            else cast(sign(quantity) as bigint)
        end as item_quantity
    from classify_lines
)

select * from final
