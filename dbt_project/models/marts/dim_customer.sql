with

customers as (
    select * from {{ ref('int_customers') }}
)

select
    customer_key,
    is_member,
    is_internal,
    member_since,
    left_on,
    member_tier,
    home_store_id,
    age_band,
    gender,
    prefecture,
    occupation,
    n_source_ids,
    n_source_systems,
    has_pos,
    has_email,
    has_support,
    is_inferred
from customers
