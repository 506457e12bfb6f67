with

customers as (
    select * from {{ ref('int_customers') }}
),

purchase_days as (
    select * from {{ ref('int_purchase_days') }}
    where day_number = 1
),

consents as (
    select * from {{ ref('int_customer_consents') }}
),

tickets as (
    select * from {{ ref('stg_support__tickets') }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
    where source_system = 'support'
),

list_dates as (
    select customer_key, member_since as first_date from customers
    union all
    select customer_key, business_date from purchase_days
    union all
    select customer_key, {{ company_date('first_changed_at') }} from consents
    union all
    select identity_links.customer_key, tickets.created_date
    from tickets
    inner join identity_links on tickets.requester_id_hash = identity_links.source_id
),

final as (
    select
        customer_key,
        min(first_date) as first_date
    from list_dates
    group by customer_key
    having min(first_date) is not null
)

select * from final
