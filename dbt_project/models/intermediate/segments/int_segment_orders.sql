{{ config(materialized='table') }}

with

customers as (
    select * from {{ ref('int_segment_customers') }}
),

purchase_days as (
    select * from {{ ref('int_purchase_days') }}
),

state_dates as (
    select * from {{ ref('int_segment_dates') }}
),

list_days as (
    select business_date as calendar_date from purchase_days
    union
    select {{ add_days('business_date', 365) }} from purchase_days
),

number_days as (
    {{ number_days('list_days', 'state_dates') }}
),

-- A day enters the last 365 with its own date and leaves them 365 days later.
list_changes as (
    {%- for days_later, sign in [(0, ''), (365, '-')] %}
    select
        customer_key,
        {{ add_days('business_date', days_later) }} as change_date,
        {%- if days_later %}
        cast(null as date) as business_date,
        0 as q_orders,
        0 as net_sales,
        {%- else %}
        business_date,
        q_orders,
        net_sales,
        {%- endif %}
        {{ sign }}q_orders as q_orders_365d,
        {{ sign }}net_sales as net_sales_365d
    from purchase_days
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

number_changes as (
    select
        customers.customer_number,
        customers.dates,
        number_days.date_number,
        list_changes.business_date,
        list_changes.q_orders,
        list_changes.net_sales,
        list_changes.q_orders_365d,
        list_changes.net_sales_365d
    from list_changes
    inner join number_days on list_changes.change_date = number_days.calendar_date
    inner join customers on list_changes.customer_key = customers.customer_key
    where number_days.date_number < customers.dates
    union all
    select
        customer_number,
        dates,
        0,
        null,
        0,
        0,
        0,
        0
    from customers
),

sum_changes as (
    select
        customer_number,
        dates,
        date_number,
        min(business_date) as first_date,
        max(business_date) as last_date,
        cast(sum(q_orders) as bigint) as q_orders,
        cast(sum(net_sales) as decimal(18, 2)) as net_sales,
        cast(sum(q_orders_365d) as bigint) as q_orders_365d,
        cast(sum(net_sales_365d) as decimal(18, 2)) as net_sales_365d
    from number_changes
    group by customer_number, dates, date_number
),

final as (
    select
        customer_number,
        date_number as from_number,
        lead(date_number, 1, dates) over so_far as to_number,
        min(first_date) over so_far as first_date,
        max(last_date) over so_far as last_date,
        cast(sum(q_orders) over so_far as bigint) as q_orders_lifetime,
        cast(sum(net_sales) over so_far as decimal(18, 2)) as q_net_sales_lifetime,
        cast(sum(q_orders_365d) over so_far as bigint) as q_orders_365d,
        cast(sum(net_sales_365d) over so_far as decimal(18, 2)) as q_net_sales_365d
    from sum_changes
    window so_far as (partition by customer_number order by date_number asc nulls last)
)

select * from final
