with

purchase_days as (
    select * from {{ ref('int_purchase_days') }}
),

-- A purchase makes its customer active for 90 days, or until the next one takes over.
follow_purchases as (
    select
        customer_key,
        business_date,
        {{ stands_until('business_date', '90', 'customer_key') }} as inactive_from,
        sum(q_orders) over (
            partition by customer_key
            order by business_date asc nulls last
            rows between unbounded preceding and current row
        ) as q_orders_so_far
    from purchase_days
),

find_firsts as (
    select
        customer_key,
        min(business_date) as first_date,
        {{ add_days('min(business_date)', var('maturity_days')) }} as matured_on,
        min(business_date) filter (where q_orders_so_far >= 2) as second_date
    from follow_purchases
    group by customer_key
),

list_changes as (
    select 'active_customers_90d' as kpi, business_date, 1 as numerator, 0 as denominator
    from follow_purchases
    union all
    select 'active_customers_90d', inactive_from, -1, 0 from follow_purchases
    union all
    select 'repeat_purchase_rate', first_date, 0, 1 from find_firsts
    union all
    select 'repeat_purchase_rate', second_date, 1, 0 from find_firsts
    where second_date is not null
    union all
    select 'F2_rate', matured_on, 0, 1 from find_firsts
    union all
    select 'F2_rate', greatest(matured_on, second_date), 1, 0 from find_firsts
    where second_date is not null
),

final as (
    {{ sum_kpi_changes('list_changes') }}
)

select * from final
