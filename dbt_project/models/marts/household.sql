with

households as (
    select * from {{ ref('int_households') }}
)

select
    household_key,
    customer_key,
    n_customers,
    shared_by
from households
