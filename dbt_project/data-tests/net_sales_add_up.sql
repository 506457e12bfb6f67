-- Net sales are one sum, however they are cut: by line, by receipt on either refund clock, by store
-- and day, by KPI, by customer. Exact, no tolerance.
with

sums as (
    select 'fct_sales_line' as cut, coalesce(sum(net_sales), 0) as net_sales
    from {{ ref('fct_sales_line') }}
    union all
    select 'fct_sales_receipt, refund-dated', coalesce(sum(net_sales_refund_dated), 0)
    from {{ ref('fct_sales_receipt') }}
    union all
    select 'fct_sales_receipt, order-dated', coalesce(sum(net_sales_order_dated), 0)
    from {{ ref('fct_sales_receipt') }}
    union all
    select 'store_daily, refund-dated', coalesce(sum(net_sales), 0)
    from {{ ref('store_daily') }}
    union all
    select 'store_daily, order-dated', coalesce(sum(net_sales_order_dated), 0)
    from {{ ref('store_daily') }}
    union all
    select 'kpi_daily, company', coalesce(sum(numerator), 0)
    from {{ ref('kpi_daily') }}
    where kpi = 'net_sales' and scope_type = 'all'
    union all
    select 'kpi_daily, stores', coalesce(sum(numerator), 0)
    from {{ ref('kpi_daily') }}
    where kpi = 'net_sales' and scope_type = 'store'
    union all
    select 'customer_360 and unidentified, refund-dated', sum(net_sales)
    from (
        select coalesce(sum(net_sales_lifetime), 0) as net_sales
        from {{ ref('customer_360') }}
        union all
        select coalesce(sum(net_sales_refund_dated), 0)
        from {{ ref('fct_sales_receipt') }}
        where customer_key is null
    ) as refund_dated
    union all
    select 'customer_360 and unidentified, order-dated', sum(net_sales)
    from (
        select coalesce(sum(net_sales_order_dated_lifetime), 0) as net_sales
        from {{ ref('customer_360') }}
        union all
        select coalesce(sum(net_sales_order_dated), 0)
        from {{ ref('fct_sales_receipt') }}
        where customer_key is null
    ) as order_dated
)

select
    cut,
    net_sales,
    (select net_sales from sums where cut = 'fct_sales_line') as expected_net_sales
from sums
where net_sales <> (select net_sales from sums where cut = 'fct_sales_line')
