{{ config(materialized='table') }}

{%- set own_window -%}
    partition by customer_key order by business_date asc nulls last
{%- endset -%}
{%- set so_far -%}
    {{ own_window }} rows between unbounded preceding and current row
{%- endset -%}

with

purchase_days as (
    select
        *,
        {{ days_between('previous_date', 'business_date') }} as gap_days
    from {{ ref('int_purchase_days') }}
),

gap_priors as (
    select * from {{ ref('int_gap_priors') }}
),

-- What was known of the customer on each purchase day: nothing of later ones. The first has no gap
-- and stands apart, as a NULL makes a running quantile many times as slow.
look_back as (
    select
        customer_key,
        business_date,
        day_number,
        store_id,
        gap_days,
        day_number - 1 as n_gaps,
        min(business_date) over ({{ so_far }}) as first_date,
        lead(business_date) over ({{ own_window }}) as next_date,
        cast(sum(q_orders) over ({{ so_far }}) as bigint) as q_orders,
        {{ running_quantiles(
            'gap_days', [0.5, 0.75, 0.9], 'customer_key, day_number = 1', 'business_date'
        ) }} as own_quantiles
    from purchase_days
),

shrink_quantiles as (
    select
        look_back.*,
        {%- for point in [50, 75, 90] %}
        {{ shrunk_quantile(
            'look_back.n_gaps',
            nth_element('look_back.own_quantiles', loop.index),
            'gap_priors.p' ~ point ~ '_gap_days'
        ) }} as p{{ point }}_days{{ ',' if not loop.last }}
        {%- endfor %}
    from look_back
    left join gap_priors on look_back.store_id = gap_priors.store_id
),

set_personal_thresholds as (
    select
        *,
        day_number >= 3 as is_personal,
        {{ whole_days('p75_days') }} as personal_at_risk_after,
        {{ whole_days('greatest(2 * p50_days, p90_days)') }} as personal_dormant_after
    from shrink_quantiles
),

set_thresholds as (
    select
        *,
        case
            when is_personal then least(personal_at_risk_after, personal_dormant_after)
            else {{ var('at_risk_days') }}
        end as at_risk_after,
        case
            when is_personal then personal_dormant_after
            else {{ var('dormant_days') }}
        end as dormant_after,
        case
            when is_personal then greatest({{ var('lost_days') }}, 2 * personal_dormant_after)
            else {{ var('lost_days') }}
        end as lost_after
    from set_personal_thresholds
),

find_returns as (
    select
        *,
        gap_days > lag(dormant_after) over ({{ own_window }}) as follows_dormancy
    from set_thresholds
),

final as (
    select
        customer_key,
        business_date,
        next_date,
        first_date,
        day_number,
        q_orders,
        is_personal,
        cast(at_risk_after as bigint) as at_risk_after,
        cast(dormant_after as bigint) as dormant_after,
        cast(lost_after as bigint) as lost_after,
        max(case when follows_dormancy then business_date end) over ({{ so_far }})
            as reactivated_on,
        max(case when gap_days > {{ var('dormant_days') }} then business_date end)
            over ({{ so_far }}) as fixed_reactivated_on
    from find_returns
)

select * from final
