with

month_states as (
    select * from {{ ref('int_rfm_month_states') }}
),

day_states as (
    select * from {{ ref('int_rfm_day_states') }}
),

final as (
    select * from month_states
    union all
    select * from day_states
)

select * from final
