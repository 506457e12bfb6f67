with

customers as (
    select * from {{ ref('int_customers') }}
),

households as (
    select * from {{ ref('int_households') }}
)

select
    customers.customer_key,
    customers.is_member,
    customers.is_internal,
    customers.member_since,
    customers.left_on,
    {%- for attribute in customer_attributes() %}
    customers.{{ attribute }},
    {%- if attribute != 'account_key' %}
    customers.{{ attribute }}_source,
    customers.{{ attribute }}_as_of,
    {%- endif %}
    {%- endfor %}
    households.household_key,
    customers.n_source_ids,
    customers.n_source_systems,
    customers.has_pos,
    customers.has_email,
    customers.has_support,
    customers.is_inferred
from customers
left join households on customers.customer_key = households.customer_key
