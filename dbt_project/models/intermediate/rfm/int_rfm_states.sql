{{ config(materialized='table') }}

with

spans as (
    select * from {{ ref('int_rfm_spans') }}
),

cuts as (
    select * from {{ ref('int_rfm_cuts') }}
),

state_dates as (
    select * from {{ ref('int_state_dates') }}
),

-- One number names a cell: joins on it are several times as fast as on three scores.
rfm_cells as (
    select
        *,
        {{ cell_number('r_score', 'f_score', 'm_score') }} as cell_number
    from {{ ref('int_rfm_cells') }}
),

klaviyo_cells as (
    select
        *,
        {{ cell_number('r_score', 'f_score', 'm_score') }} as cell_number
    from {{ ref('int_klaviyo_cells') }}
),

score_customers as (
    select
        spans.customer_key,
        spans.rfm_window,
        state_dates.state_date,
        spans.last_q_date,
        cast({{ days_between('spans.last_q_date', 'state_dates.state_date') }} as bigint)
            as recency_days,
        coalesce(spans.frequency, 0) as frequency,
        cast(coalesce(spans.monetary, 0) as decimal(18, 2)) as monetary,
        {{ score_by_cuts('spans.last_q_date', 'cuts.r', 5) }} as r_score,
        {{ score_by_cuts('spans.frequency', 'cuts.f', 5) }} as f_score,
        {{ score_by_cuts('spans.monetary', 'cuts.m', 5) }} as m_score,
        {{ score_by_cuts('spans.frequency', 'cuts.f', 3) }} as f_third,
        {{ score_by_cuts('spans.monetary', 'cuts.m', 3) }} as m_third
    from spans
    inner join state_dates
        on spans.from_date <= state_dates.state_date and state_dates.state_date < spans.to_date
    left join cuts
        on spans.rfm_window = cuts.rfm_window and state_dates.state_date = cuts.state_date
),

-- Who bought, but not in the window, has no scores.
final as (
    select
        scored.customer_key,
        scored.rfm_window,
        scored.state_date,
        scored.last_q_date,
        scored.recency_days,
        scored.frequency,
        scored.monetary,
        scored.r_score,
        scored.f_score,
        scored.m_score,
        rfm_cells.fm_score,
        coalesce(rfm_cells.rfm_group, 'OUT_OF_WINDOW') as rfm_group,
        klaviyo_cells.klaviyo_score,
        coalesce(klaviyo_cells.klaviyo_group, 'OUT_OF_WINDOW') as klaviyo_group
    from score_customers as scored
    left join rfm_cells
        on
            {{ cell_number('scored.r_score', 'scored.f_score', 'scored.m_score') }}
            = rfm_cells.cell_number
    left join klaviyo_cells
        on
            {{ cell_number(
                klaviyo_recency('scored.recency_days'), 'scored.f_third', 'scored.m_third'
            ) }}
            = klaviyo_cells.cell_number
)

select * from final
