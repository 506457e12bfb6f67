-- Each window names the group of every customer who is not internal: groups add up to customers.
with

windows as (
    select 'lifetime' as rfm_window
    union all
    select '365d'
),

customers as (
    select count(*) as customers from {{ ref('dim_customer') }} where not is_internal
),

rows_of_windows as (
    select
        rfm_window,
        count(*) filter (where rfm_group is not null) as named_customers
    from {{ ref('customer_rfm') }}
    group by rfm_window
)

select
    windows.rfm_window,
    rows_of_windows.named_customers,
    customers.customers
from windows
cross join customers
left join rows_of_windows on windows.rfm_window = rows_of_windows.rfm_window
where coalesce(rows_of_windows.named_customers, 0) <> customers.customers
