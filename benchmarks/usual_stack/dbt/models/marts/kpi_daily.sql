select
    business_date,
    sum(net_sales) as net_sales,
    count(*) filter (where receipt_type = 'sale') as orders,
    count(distinct member_id) as members,
    sum(net_sales) / nullif(count(*) filter (where receipt_type = 'sale'), 0) as average_order
from {{ ref('fct_orders') }}
group by business_date
