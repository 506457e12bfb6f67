with

orders as (
    select * from {{ ref('int_sales_receipts') }}
    where is_qualifying
),

attribution as (
    select * from {{ ref('int_campaign_attribution') }}
),

-- Both sides on the clock of the order, so that a share cannot exceed 1.
measure_orders as (
    select
        orders.business_date,
        case when grouping(orders.store_id) = 1 then 'all' else 'store' end as scope_type,
        case when grouping(orders.store_id) = 1 then 'all' else orders.store_id end as scope_key,
        sum(orders.net_sales_order_dated) as q_net_sales,
        sum(orders.net_sales_order_dated) filter (where attribution.receipt_id is not null)
            as attributed_net_sales
    from orders
    left join attribution on orders.receipt_id = attribution.receipt_id
    group by grouping sets ((orders.business_date), (orders.business_date, orders.store_id))
),

final as (
    {{ kpi_rows('measure_orders', {
        'campaign_sales_share': ('attributed_net_sales', 'q_net_sales'),
    }) }}
)

select * from final
