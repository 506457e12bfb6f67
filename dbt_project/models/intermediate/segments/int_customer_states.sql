with

customers as (
    select * from {{ ref('int_segment_customers') }}
),

orders as (
    select * from {{ ref('int_segment_orders') }}
),

open_spells as (
    select * from {{ ref('int_lifecycle_spells') }}
    where to_date is null
),

rfm_states as (
    select * from {{ ref('int_rfm_states') }}
    where rfm_window = 'lifetime' and state_date = {{ as_of_date() }}
),

final as (
    select
        customers.customer_key,
        customers.member_from < customers.dates and customers.member_to = customers.dates
            as is_member,
        coalesce(open_spells.lifecycle_status, 'prospect') as lifecycle_status,
        coalesce(rfm_states.rfm_group, 'PROSPECTS') as rfm_group_lifetime,
        orders.q_orders_lifetime,
        orders.q_orders_365d,
        orders.q_net_sales_365d
    from customers
    inner join orders
        on
            customers.customer_number = orders.customer_number
            and customers.dates = orders.to_number
    left join open_spells on customers.customer_key = open_spells.customer_key
    left join rfm_states on customers.customer_key = rfm_states.customer_key
)

select * from final
