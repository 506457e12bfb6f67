-- What campaigns get is never more than what was sold: each attributed order is a qualifying one,
-- with its amount, and by store and day they come to no more than all qualifying orders.
with

attributed as (
    select * from {{ ref('campaign_attribution') }}
),

receipts as (
    select * from {{ ref('fct_sales_receipt') }}
),

wrong_orders as (
    select attributed.receipt_id as found
    from attributed
    left join receipts on attributed.receipt_id = receipts.receipt_id
    where
        not coalesce(receipts.is_qualifying, false)
        or attributed.net_sales_order_dated <> receipts.net_sales_order_dated
        or attributed.business_date <> receipts.business_date
),

sum_attributed as (
    select store_id, business_date, count(*) as orders, sum(net_sales_order_dated) as net_sales
    from attributed
    group by store_id, business_date
),

sum_receipts as (
    select store_id, business_date, count(*) as orders, sum(net_sales_order_dated) as net_sales
    from receipts
    where is_qualifying
    group by store_id, business_date
),

wrong_days as (
    select sum_attributed.store_id as found
    from sum_attributed
    left join sum_receipts
        on
            sum_attributed.store_id = sum_receipts.store_id
            and sum_attributed.business_date = sum_receipts.business_date
    where
        sum_attributed.orders > coalesce(sum_receipts.orders, 0)
        or sum_attributed.net_sales > coalesce(sum_receipts.net_sales, 0)
)

select found from wrong_orders
union all
select found from wrong_days
