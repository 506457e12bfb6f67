{{ config(
    materialized='kept', prints='int_receipt_prints', touched='int_touched_receipts',
    kept_by='receipt_id'
) }}

with

line_amounts as (
    select * from {{ ref('int_line_amounts') }}
    where {{ is_touched_receipt() }}
),

line_taxes as (
    select * from {{ ref('int_line_taxes') }}
),

tax_lines as (
    select
        line_amounts.*,
        coalesce(line_amounts.feed_tax_amount, line_taxes.tax_amount, 0) as tax_amount,
        line_amounts.is_return and line_amounts.linked_receipt_id is not null
            as is_linked_return
    from line_amounts
    left join line_taxes
        on
            line_amounts.receipt_id = line_taxes.receipt_id
            and line_amounts.line_no = line_taxes.line_no
),

net_lines as (
    select
        *,
        amount - case when tax_included then tax_amount else 0 end as net_amount
    from tax_lines
),

final as (
    select
        receipt_id,
        line_no,
        store_id,
        customer_key,
        product_id,
        case when is_linked_return then linked_receipt_id else receipt_id end
            as order_receipt_id,
        line_type,
        receipt_type,
        business_date,
        case when is_linked_return then linked_business_date else business_date end
            as order_business_date,
        closed_at,
        cast(quantity as decimal(18, 3)) as quantity,
        cast(item_quantity as bigint) as item_quantity,
        cast(unit_price as decimal(18, 6)) as unit_price,
        cast(list_price as decimal(18, 6)) as list_price,
        cast(line_amount as decimal(18, 2)) as line_amount,
        cast(line_discount_amount as decimal(18, 2)) as line_discount_amount,
        cast(receipt_discount_amount as decimal(18, 2)) as receipt_discount_amount,
        cast(points_amount as decimal(18, 2)) as points_amount,
        cast(tax_rate as decimal(7, 4)) as tax_rate,
        cast(tax_amount as decimal(18, 2)) as tax_amount,
        tax_included,
        cast(net_amount as decimal(18, 2)) as net_amount,
        cast(net_amount + tax_amount as decimal(18, 2)) as amount_inc_tax,
        cast(case when is_revenue then net_amount else 0 end as decimal(18, 2)) as net_sales,
        is_revenue,
        is_merchandise,
        is_return,
        is_return and not is_linked_return as is_unlinked_return,
        is_internal,
        currency
    from net_lines
)

select * from final
