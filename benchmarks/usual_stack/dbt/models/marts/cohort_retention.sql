with firsts as (
    select member_id, date_trunc('month', min(business_date)) as cohort
    from {{ ref('fct_orders') }}
    where member_id is not null
    group by member_id
)

select
    firsts.cohort,
    date_diff('month', firsts.cohort, orders.business_date) as months_later,
    count(distinct orders.member_id) as members
from {{ ref('fct_orders') }} as orders
inner join firsts using (member_id)
group by all
