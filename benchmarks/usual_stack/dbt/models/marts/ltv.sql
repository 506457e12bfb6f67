with orders as (
    select
        member_id,
        count(*) as orders,
        avg(net_sales) as average_order,
        min(business_date) as first_order,
        max(business_date) as last_order
    from {{ ref('fct_orders') }}
    where member_id is not null and receipt_type = 'sale'
    group by member_id
)

select
    *,
    average_order * orders as ltv_so_far,
    average_order * orders
    / greatest(date_diff('month', first_order, last_order), 1) * 12 as ltv_next_year
from orders
