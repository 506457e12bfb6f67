with

states as (
    select * from {{ ref('int_rfm_states') }}
),

state_dates as (
    select * from {{ ref('int_state_dates') }}
),

groups_today as (
    select
        customer_key,
        rfm_window,
        rfm_group
    from states
    where state_date = {{ as_of_date() }}
),

find_neighbours as (
    select
        state_date,
        lead(state_date) over (order by state_date asc nulls last) as next_date,
        lag(state_date) over (order by state_date asc nulls last) as previous_date
    from state_dates
),

compare_groups as (
    select
        states.customer_key,
        states.rfm_window,
        min(states.state_date) as first_date,
        max(states.state_date) filter (where states.rfm_group <> groups_today.rfm_group)
            as last_other_date,
        max_by(states.rfm_group, states.state_date) filter (
            where states.rfm_group <> groups_today.rfm_group
        ) as last_other_group
    from states
    inner join groups_today
        on
            states.customer_key = groups_today.customer_key
            and states.rfm_window = groups_today.rfm_window
    group by states.customer_key, states.rfm_window
),

-- On the evaluated dates before the first order the customer was a prospect.
final as (
    select
        compared.customer_key,
        compared.rfm_window,
        case
            when compared.last_other_date is not null then compared.last_other_group
            when first_dates.previous_date is not null then 'PROSPECTS'
        end as prev_group,
        case
            when compared.last_other_date is not null then other_dates.next_date
            when first_dates.previous_date is not null then compared.first_date
        end as group_changed_on
    from compare_groups as compared
    left join find_neighbours as first_dates on compared.first_date = first_dates.state_date
    left join find_neighbours as other_dates on compared.last_other_date = other_dates.state_date
)

select * from final
