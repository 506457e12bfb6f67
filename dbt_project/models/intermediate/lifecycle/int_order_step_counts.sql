{%- set order_of_orders -%}
    partition by customer_key
    order by
        business_date asc nulls last,
        closed_at asc nulls last,
        receipt_id asc nulls last
{%- endset -%}

with

receipts as (
    select * from {{ ref('int_sales_receipts') }}
    where is_qualifying and customer_key is not null
),

number_orders as (
    select
        row_number() over ({{ order_of_orders }}) as step,
        {{ days_between(
            'lag(business_date) over (' ~ order_of_orders ~ ')', 'business_date'
        ) }} as days_since_order,
        first_value(store_id) over ({{ order_of_orders }}) as first_store_id,
        first_value(business_date) over ({{ order_of_orders }}) as first_q_date
    from receipts
),

final as (
    select
        first_store_id,
        step,
        {{ repeat_bucket('days_since_order') }} as days_bucket,
        count(*) as customers,
        count(*) filter (
            where first_q_date <= {{ add_days(as_of_date(), -var('maturity_days')) }}
        ) as matured_customers
    from number_orders
    where step <= {{ order_steps() }}
    group by first_store_id, step, {{ repeat_bucket('days_since_order') }}
)

select * from final
