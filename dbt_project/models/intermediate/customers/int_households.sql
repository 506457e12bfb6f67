{{ config(materialized='table') }}

with

edges as (
    select * from {{ ref('int_household_edges') }}
),

components as (
    {{ connected_components(
        ref('int_household_edges'), 'customer_key_a', 'customer_key_b'
    ) }}
),

components_without_phones as (
    {{ connected_components(
        ref('int_household_edges'), 'customer_key_a', 'customer_key_b', "shared_by <> 'phone'"
    ) }}
),

count_components as (
    select
        label,
        count(*) > {{ var('household_max_customers') }} as is_too_large
    from components
    group by label
),

-- More people than a household has were joined by a telephone that is nobody's own: without their
-- telephones they fall into families by e-mail and address.
choose_labels as (
    select
        components.node as customer_key,
        count_components.is_too_large,
        case
            when count_components.is_too_large then components_without_phones.label
            else components.label
        end as label
    from components
    inner join count_components on components.label = count_components.label
    left join components_without_phones on components.node = components_without_phones.node
),

-- What is too large even then is no household.
keep_households as (
    select
        *,
        count(*) over (partition by label) as n_customers
    from choose_labels
    where label is not null
    qualify count(*) over (partition by label) <= {{ var('household_max_customers') }}
),

list_ends as (
    select customer_key_a as customer_key, shared_by from edges
    union all
    select customer_key_b, shared_by from edges
),

find_kinds as (
    select
        keep_households.customer_key,
        bool_or(list_ends.shared_by = 'address') as shares_address,
        bool_or(list_ends.shared_by = 'email') as shares_email,
        bool_or(list_ends.shared_by = 'phone') as shares_phone
    from keep_households
    inner join list_ends on keep_households.customer_key = list_ends.customer_key
    where not (keep_households.is_too_large and list_ends.shared_by = 'phone')
    group by keep_households.customer_key
),

final as (
    select
        'h' || substr(keep_households.label, 2) as household_key,
        keep_households.customer_key,
        keep_households.n_customers,
        concat_ws(
            ',',
            case when find_kinds.shares_address then 'address' end,
            case when find_kinds.shares_email then 'email' end,
            case when find_kinds.shares_phone then 'phone' end
        ) as shared_by
    from keep_households
    inner join find_kinds on keep_households.customer_key = find_kinds.customer_key
)

select * from final
