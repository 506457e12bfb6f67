{{ config(
    materialized='kept', prints='int_rfm_prints', touched='int_touched_state_dates',
    touched_key='state_date', kept_by='month_end'
) }}

with

history as (
    select * from {{ ref('customer_rfm_history') }}
),

month_ends as (
    select * from {{ ref('int_state_dates') }}
    where is_month_end
),

pair_month_ends as (
    select
        state_date as month_end,
        lag(state_date) over (order by state_date asc nulls last) as previous_month_end
    from month_ends
),

groups_now as (
    select
        history.customer_key,
        history.rfm_window,
        history.month_end,
        history.rfm_group,
        pairs.previous_month_end
    from history
    inner join pair_month_ends as pairs on history.month_end = pairs.month_end
    where
        pairs.previous_month_end is not null
        and {{ is_touched_state_date('history.month_end') }}
),

-- Who has no row at the month end before had not bought yet.
final as (
    select
        groups_now.rfm_window,
        groups_now.month_end,
        coalesce(groups_before.rfm_group, 'PROSPECTS') as from_group,
        groups_now.rfm_group as to_group,
        count(*) as customers
    from groups_now
    left join history as groups_before
        on
            groups_now.customer_key = groups_before.customer_key
            and groups_now.rfm_window = groups_before.rfm_window
            and groups_now.previous_month_end = groups_before.month_end
    group by
        groups_now.rfm_window,
        groups_now.month_end,
        coalesce(groups_before.rfm_group, 'PROSPECTS'),
        groups_now.rfm_group
)

select * from final
