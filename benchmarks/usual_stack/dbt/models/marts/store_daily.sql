select store_id, business_date, sum(net_sales) as net_sales, count(*) as orders
from {{ ref('fct_orders') }}
group by store_id, business_date
