with customers as (
    select
        member_id,
        max(business_date) as last_order,
        count(*) as frequency,
        sum(net_sales) as monetary
    from {{ ref('fct_orders') }}
    where member_id is not null and receipt_type = 'sale'
    group by member_id
),

scored as (
    select
        *,
        (select max(business_date) from {{ ref('fct_orders') }}) - last_order as recency_days,
        ntile(5) over (order by last_order) as r_score,
        ntile(5) over (order by frequency) as f_score,
        ntile(5) over (order by monetary) as m_score
    from customers
)

select
    *,
    case
        when r_score >= 4 and f_score >= 4 then 'champions'
        when r_score >= 3 and f_score >= 3 then 'loyal'
        when r_score >= 4 then 'new'
        when r_score <= 2 and f_score >= 3 then 'at risk'
        when r_score <= 2 then 'lost'
        else 'others'
    end as segment
from scored
