with

customers as (
    select * from {{ ref('dim_customer') }}
    where not is_internal
),

states as (
    select * from {{ ref('int_rfm_states') }}
    where state_date = {{ as_of_date() }}
),

group_changes as (
    select * from {{ ref('int_rfm_group_changes') }}
),

state_dates as (
    select * from {{ ref('int_state_dates') }}
),

judge_windows as (
    select
        rfm_window,
        count(*) < {{ var('rfm_min_customers') }}
        or count(distinct last_q_date) < 5
        or count(distinct frequency) < 5
        or count(distinct monetary) < 5 as is_degenerate
    from states
    where last_q_date is not null
    group by rfm_window
),

-- Without any receipt no date is evaluated: what holds has held since today.
find_first_date as (
    select coalesce(min(state_date), {{ as_of_date() }}) as first_date from state_dates
),

-- Every customer has a row a window, also where nobody bought in it.
list_rows as (
    {%- for rfm_window in rfm_windows() %}
    select
        customer_key,
        '{{ rfm_window }}' as rfm_window
    from customers
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        list_rows.customer_key,
        list_rows.rfm_window,
        states.last_q_date,
        states.recency_days,
        {{ count_or_zero('states.frequency') }} as frequency,
        {{ amount_or_zero('states.monetary') }} as monetary,
        states.r_score,
        states.f_score,
        states.m_score,
        states.fm_score,
        cast(states.r_score * 100 + states.f_score * 10 + states.m_score as varchar(3))
            as rfm_cell,
        coalesce(states.rfm_group, 'PROSPECTS') as rfm_group,
        states.klaviyo_score,
        coalesce(states.klaviyo_group, 'PROSPECTS') as klaviyo_group,
        group_changes.prev_group,
        group_changes.group_changed_on,
        {{ whole_months_between(
            'coalesce(group_changes.group_changed_on, find_first_date.first_date)', as_of_date()
        ) }} as months_in_group,
        coalesce(judge_windows.is_degenerate, true) as is_degenerate
    from list_rows
    cross join find_first_date
    left join states
        on
            list_rows.customer_key = states.customer_key
            and list_rows.rfm_window = states.rfm_window
    left join group_changes
        on
            list_rows.customer_key = group_changes.customer_key
            and list_rows.rfm_window = group_changes.rfm_window
    left join judge_windows on list_rows.rfm_window = judge_windows.rfm_window
)

select * from final
