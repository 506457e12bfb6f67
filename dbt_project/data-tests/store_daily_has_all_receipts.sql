-- Receipts by store and day are the receipts of the fact, and so are tax and totals.
with

store_days as (
    select
        coalesce(sum(receipts + return_receipts), 0) as receipts,
        coalesce(sum(q_orders), 0) as q_orders,
        coalesce(sum(items), 0) as items,
        coalesce(sum(total_inc_tax), 0) as total_inc_tax,
        coalesce(sum(tax_amount), 0) as tax_amount,
        coalesce(sum(returns_amount), 0) as returns_amount
    from {{ ref('store_daily') }}
),

facts as (
    select
        count(*) as receipts,
        count(*) filter (where is_qualifying) as q_orders,
        coalesce(sum(item_quantity), 0) as items,
        coalesce(sum(total_inc_tax), 0) as total_inc_tax,
        coalesce(sum(tax_amount), 0) as tax_amount,
        coalesce(sum(returns_amount), 0) as returns_amount
    from {{ ref('fct_sales_receipt') }}
)

select * from store_days
except
select * from facts
