with

states as (
    select * from {{ ref('int_rfm_states') }}
),

month_ends as (
    select * from {{ ref('int_state_dates') }}
    where is_month_end
),

final as (
    select
        states.customer_key,
        states.rfm_window,
        states.state_date as month_end,
        states.last_q_date,
        states.recency_days,
        states.frequency,
        states.monetary,
        states.r_score,
        states.f_score,
        states.m_score,
        states.fm_score,
        states.rfm_group,
        states.klaviyo_score,
        states.klaviyo_group
    from states
    inner join month_ends on states.state_date = month_ends.state_date
)

select * from final
