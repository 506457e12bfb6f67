with

customers as (
    select * from {{ ref('int_customers') }}
    where has_pos and not is_internal
),

-- Whoever joined before the first date, or on a date nobody knows, is a member from there on.
list_changes as (
    select
        coalesce(member_since, cast('1900-01-01' as date)) as business_date,
        1 as member_change,
        0 as net_add
    from customers
    union all
    select left_on, -1, 0 from customers where left_on is not null
    union all
    select member_since, 0, 1 from customers where member_since is not null
    union all
    select left_on, 0, -1 from customers where left_on is not null
),

sum_changes as (
    select
        business_date,
        'all' as scope_type,
        'all' as scope_key,
        sum(member_change) as member_change,
        sum(net_add) as net_add
    from list_changes
    group by business_date
),

final as (
    {{ kpi_rows('sum_changes', {
        'members': ('member_change', '0'),
        'members_net_add': ('net_add', '0'),
    }) }}
)

select * from final
