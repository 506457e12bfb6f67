{{ config(materialized='table') }}

with

grouped_edges as (
    select * from {{ ref('int_household_groups') }}
),

-- More people than a household has were joined by a telephone that is nobody's own: without their
-- telephones they fall into families by e-mail and address.
smaller_components as (
    {{ connected_components(
        ref('int_household_groups'), condition="is_too_large and shared_by <> 'phone'"
    ) }}
),

kept_edges as (
    select * from grouped_edges
    where not (is_too_large and shared_by = 'phone')
),

list_ends as (
    select customer_key_a as customer_key, node_a as node, label, shared_by from kept_edges
    union all
    select customer_key_b, node_b, label, shared_by from kept_edges
),

find_members as (
    select
        list_ends.customer_key,
        coalesce(smaller_components.label, list_ends.label) as label,
        bool_or(list_ends.shared_by = 'address') as shares_address,
        bool_or(list_ends.shared_by = 'email') as shares_email,
        bool_or(list_ends.shared_by = 'phone') as shares_phone
    from list_ends
    left join smaller_components on list_ends.node = smaller_components.node
    group by list_ends.customer_key, coalesce(smaller_components.label, list_ends.label)
),

-- What is too large even then is no household.
measure_households as (
    select
        *,
        count(*) over (partition by label) as n_customers,
        min(customer_key) over (partition by label) as least_customer_key
    from find_members
),

final as (
    select
        'h' || substr(least_customer_key, 2) as household_key,
        customer_key,
        n_customers,
        concat_ws(
            ',',
            case when shares_address then 'address' end,
            case when shares_email then 'email' end,
            case when shares_phone then 'phone' end
        ) as shared_by
    from measure_households
    where n_customers <= {{ var('household_max_customers') }}
)

select * from final
