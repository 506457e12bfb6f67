-- The row of the history that holds on the as-of date says what the dimension says; a customer
-- without history has no attribute. A birth date is no column, its band is.
with

compared as (
    select
        customers.customer_key,
        {%- for attribute in customer_attributes() %}
        customers.{{ attribute }} is distinct from history.{{ attribute }}
        {{- ' or' if not loop.last }}
        {%- endfor %} as is_different
    from {{ ref('dim_customer') }} as customers
    full join {{ ref('dim_customer_history') }} as history
        on customers.customer_key = history.customer_key
    where history.is_current or history.customer_key is null
)

select customer_key
from compared
where is_different or customer_key is null
