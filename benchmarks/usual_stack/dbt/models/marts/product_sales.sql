select
    product_id,
    category_1,
    date_trunc('month', business_date) as month,
    sum(quantity) as quantity,
    sum(line_amount) as sales,
    sum(gross_profit) as gross_profit
from {{ ref('fct_order_lines') }}
group by all
