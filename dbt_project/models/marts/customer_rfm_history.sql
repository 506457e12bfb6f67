{{ config(
    materialized='kept', prints='int_rfm_prints', touched='int_touched_state_dates',
    touched_key='state_date', kept_by='month_end'
) }}

with

states as (
    select * from {{ ref('int_rfm_month_states') }}
    where {{ is_touched_state_date() }}
)

select
    customer_key,
    rfm_window,
    state_date as month_end,
    last_q_date,
    recency_days,
    frequency,
    monetary,
    r_score,
    f_score,
    m_score,
    fm_score,
    rfm_group,
    klaviyo_score,
    klaviyo_group
from states
