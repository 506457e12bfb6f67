{{ config(materialized='table') }}

with

versions as (
    select * from {{ ref('int_rfm_prints') }}
    where {{ is_news('int_rfm_prints') }}
),

-- A month end is compared with the one before it.
final as (
    select state_date from versions
    union
    select {{ last_day_of_month(add_days('state_date', 1)) }} as state_date from versions
)

select * from final
