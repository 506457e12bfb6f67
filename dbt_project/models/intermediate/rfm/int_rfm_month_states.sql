{{ config(
    materialized='kept', prints='int_rfm_prints', touched='int_touched_state_dates',
    kept_by='state_date'
) }}

{{ rfm_states('is_month_end and ' ~ is_touched_state_date()) }}
