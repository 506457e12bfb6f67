with

inputs as (
    select * from {{ ref('int_ltv_inputs') }}
),

purchase_days as (
    select * from {{ ref('int_purchase_days') }}
),

-- The last 365 days, and the 365 before them.
sum_years as (
    select
        customer_key,
        sum(q_orders) filter (where {{ in_window('business_date', 365) }}) as orders_365d,
        sum(net_sales) filter (where {{ in_window('business_date', 365) }}) as net_sales_365d,
        bool_or(business_date < {{ window_start(365) }}) as bought_before
    from purchase_days
    where {{ in_window('business_date', 730) }}
    group by customer_key
),

sum_segments as (
    select
        inputs.ltv_segment,
        count(*) as customers,
        sum(sum_years.orders_365d) as orders_365d,
        sum(sum_years.net_sales_365d) as net_sales_365d,
        count(*) filter (where sum_years.orders_365d > 0) as buyers_365d,
        count(*) filter (where sum_years.bought_before) as customers_year_ago,
        count(*) filter (where sum_years.bought_before and sum_years.orders_365d is null)
            as churned_365d
    from inputs
    left join sum_years on inputs.customer_key = sum_years.customer_key
    group by inputs.ltv_segment
),

measure_segments as (
    select
        *,
        {{ ratio('net_sales_365d', 'orders_365d') }} as average_order_value,
        {{ ratio('orders_365d', 'buyers_365d') }} as orders_per_year,
        {{ ratio('churned_365d', 'customers_year_ago') }} as annual_churn
    from sum_segments
),

final as (
    select
        ltv_segment,
        cast(customers as bigint) as customers,
        cast(orders_365d as bigint) as orders_365d,
        cast(net_sales_365d as decimal(18, 2)) as net_sales_365d,
        cast(buyers_365d as bigint) as buyers_365d,
        cast(customers_year_ago as bigint) as customers_year_ago,
        cast(churned_365d as bigint) as churned_365d,
        average_order_value,
        orders_per_year,
        annual_churn,
        -- Of the counts, since a product of rounded rates is no longer right to 9 places.
        {{ ratio(
            'cast(net_sales_365d as double) * customers_year_ago', 'buyers_365d * churned_365d'
        ) }} as ltv_simple
    from measure_segments
)

select * from final
