with

line_amounts as (
    select * from {{ ref('int_line_amounts') }}
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
        quantity,
        item_quantity,
        unit_price,
        list_price,
        line_amount,
        line_discount_amount,
        receipt_discount_amount,
        points_amount,
        tax_rate,
        tax_amount,
        tax_included,
        net_amount,
        net_amount + tax_amount as amount_inc_tax,
        case when is_revenue then net_amount else 0 end as net_sales,
        is_revenue,
        is_merchandise,
        is_return,
        is_return and not is_linked_return as is_unlinked_return,
        is_internal,
        currency
    from net_lines
)

select * from final
