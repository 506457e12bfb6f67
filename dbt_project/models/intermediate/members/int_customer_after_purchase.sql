with

-- Orders whose days after are not yet over say nothing.
orders as (
    select
        *,
        {{ add_days('business_date', var('after_purchase_days')) }} as last_day
    from {{ ref('int_sales_receipts') }}
    where is_qualifying and customer_key is not null and {{ in_window('business_date', 365) }}
),

tickets as (
    select * from {{ ref('int_tickets') }}
    where customer_key is not null
),

find_contacts as (
    select distinct orders.receipt_id
    from orders
    inner join tickets
        on
            orders.customer_key = tickets.customer_key
            and orders.closed_at < tickets.created_at
            and tickets.created_date <= orders.last_day
),

final as (
    select
        orders.customer_key,
        count(*) as observed_orders_365d,
        count(find_contacts.receipt_id) as contacted_orders_365d
    from orders
    left join find_contacts on orders.receipt_id = find_contacts.receipt_id
    where orders.last_day <= {{ as_of_date() }}
    group by orders.customer_key
)

select * from final
