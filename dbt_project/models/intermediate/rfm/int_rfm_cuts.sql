{{ config(
    materialized='kept', prints='int_rfm_prints', touched='int_touched_state_dates',
    kept_by='state_date'
) }}

{%- set axes = {'r': 'last_q_date', 'f': 'frequency', 'm': 'monetary'} %}

with

spans as (
    select * from {{ ref('int_rfm_spans') }}
    where frequency is not null
),

state_dates as (
    select * from {{ ref('int_state_dates') }}
    where {{ is_touched_state_date() }}
),

measures as (
    select
        spans.rfm_window,
        state_dates.state_date,
        spans.last_q_date,
        spans.frequency,
        spans.monetary
    from spans
    inner join state_dates
        on spans.from_date <= state_dates.state_date and state_dates.state_date < spans.to_date
),

-- Customers are counted once a value, however many have it: ties have one rank.
{%- for axis, value in axes.items() %}
rank_{{ axis }} as (
    select
        rfm_window,
        state_date,
        {{ value }},
        sum(count(*)) over (
            partition by rfm_window, state_date order by {{ value }} asc nulls last
        ) - count(*) as customers_below,
        sum(count(*)) over (partition by rfm_window, state_date) as customers
    from measures
    group by rfm_window, state_date, {{ value }}
),

cut_{{ axis }} as (
    select
        rfm_window,
        state_date
        {%- for parts in ([5] if axis == 'r' else [5, 3]) %}
        {%- for score in range(2, parts + 1) %},
        {{ lowest_of_score(value, score, parts) }} as {{ axis }}_{{ score }}_of_{{ parts }}
        {%- endfor %}
        {%- endfor %}
    from rank_{{ axis }}
    group by rfm_window, state_date
),
{%- endfor %}

final as (
    select *
    from cut_r
    inner join cut_f using (rfm_window, state_date)
    inner join cut_m using (rfm_window, state_date)
)

select * from final
