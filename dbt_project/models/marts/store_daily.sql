with

receipts as (
    select * from {{ ref('fct_sales_receipt') }}
),

final as (
    select
        store_id,
        business_date,
        cast(count(*) filter (where receipt_type = 'sale') as bigint) as receipts,
        cast(count(*) filter (where receipt_type = 'return') as bigint) as return_receipts,
        cast(count(*) filter (where is_qualifying) as bigint) as q_orders,
        cast(sum(item_quantity) as bigint) as items,
        cast(sum(net_sales_refund_dated) as decimal(18, 2)) as net_sales,
        cast(sum(net_sales_order_dated) as decimal(18, 2)) as net_sales_order_dated,
        cast(sum(total_inc_tax) as decimal(18, 2)) as total_inc_tax,
        cast(sum(tax_amount) as decimal(18, 2)) as tax_amount,
        cast(sum(discount_amount) as decimal(18, 2)) as discount_amount,
        cast(sum(returns_amount) as decimal(18, 2)) as returns_amount,
        cast(
            count(*) filter (where receipt_type = 'sale' and customer_key is not null) as bigint
        ) as identified_receipts,
        cast(
            coalesce(sum(net_sales_refund_dated) filter (where customer_key is not null), 0)
            as decimal(18, 2)
        ) as identified_net_sales
    from receipts
    group by store_id, business_date
)

select * from final
