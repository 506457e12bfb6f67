{# The windows of RFM and their days; none is the whole of a customer's life. #}
{% macro rfm_windows() -%}
    {{ return({'lifetime': none, '365d': 365}) }}
{%- endmacro %}


{#
    Least value that has `score`, or more, when values are cut into `parts`: scores are
    1 + floor(parts * percent_rank), at most `parts`, and percent_rank is customers_below /
    (customers - 1). Equal values have equal customers_below and so one score, which NTILE does
    not give. NULL when no value is as great as that.
#}
{% macro lowest_of_score(value, score, parts) -%}
    min({{ value }}) filter (
        where
        customers_below > 0
        and {{ parts }} * customers_below >= {{ score - 1 }} * (customers - 1)
    )
{%- endmacro %}


{# Score of `value` by the columns <cut>_2_of_<parts> and so on, least values of the scores. #}
{% macro score_by_cuts(value, cut, parts) -%}
    cast(
        case
            {%- for score in range(parts, 1, -1) %}
            when {{ value }} >= {{ cut }}_{{ score }}_of_{{ parts }} then {{ score }}
            {%- endfor %}
            when {{ value }} is not null then 1
        end as bigint
    )
{%- endmacro %}


{#
    Mean of the scores of frequency and money, half points rounded up: the published grid leaves
    half points open, and rounding up fills each of its cells without contradicting one.
#}
{% macro fm_score(f_score, m_score) -%}
    cast(ceil(({{ f_score }} + {{ m_score }}) / 2.0) as bigint)
{%- endmacro %}


{# Group of a cell of the recency by frequency-and-money grid (Shopify's eleven groups). #}
{% macro rfm_group(r_score, fm_score) -%}
    case
        when {{ fm_score }} = 5 and {{ r_score }} = 5 then 'CHAMPIONS'
        when {{ fm_score }} = 5 and {{ r_score }} <= 2 then 'PREVIOUSLY_LOYAL'
        when {{ fm_score }} = 4 and {{ r_score }} = 5 then 'CHAMPIONS'
        when {{ fm_score }} >= 4 and {{ r_score }} >= 3 then 'LOYAL'
        when {{ fm_score }} >= 3 and {{ r_score }} <= 2 then 'AT_RISK'
        when {{ fm_score }} = 3 and {{ r_score }} = 3 then 'NEEDS_ATTENTION'
        when {{ fm_score }} >= 2 and {{ r_score }} >= 4 then 'ACTIVE'
        when {{ fm_score }} <= 2 and {{ r_score }} <= 2 then 'DORMANT'
        when {{ fm_score }} <= 2 and {{ r_score }} = 3 then 'ALMOST_LOST'
        when {{ fm_score }} = 1 and {{ r_score }} = 4 then 'PROMISING'
        when {{ fm_score }} = 1 and {{ r_score }} = 5 then 'NEW'
    end
{%- endmacro %}


{#
    Score of recency in Klaviyo's analysis: 3 for an order in the last 180 days, 2 in the last 365,
    each window of days including both its ends.
#}
{% macro klaviyo_recency(recency_days) -%}
    cast(
        case
            when {{ recency_days }} < 180 then 3
            when {{ recency_days }} < 365 then 2
            when {{ recency_days }} >= 365 then 1
        end as bigint
    )
{%- endmacro %}


{# Group of a score of three digits, recency first (Klaviyo's six groups); all 27 are named. #}
{% macro klaviyo_group(klaviyo_score) -%}
    case
        when {{ klaviyo_score }} in ('333', '332', '323') then 'CHAMPIONS'
        when {{ klaviyo_score }} in ('321', '322', '331', '232', '233') then 'LOYAL'
        when {{ klaviyo_score }} in ('312', '313', '311', '222', '223') then 'RECENT'
        when {{ klaviyo_score }} in ('213', '221', '123', '132', '133') then 'NEEDS_ATTENTION'
        when {{ klaviyo_score }} in ('231', '212', '122', '131', '211') then 'AT_RISK'
        when {{ klaviyo_score }} in ('111', '112', '113', '121') then 'INACTIVE'
    end
{%- endmacro %}


{# The three scores of a cell, of one digit each, as a number; NULL where one of them is. #}
{% macro cell_number(r_score, f_score, m_score) -%}
    cast(100 * {{ r_score }} + 10 * {{ f_score }} + {{ m_score }} as bigint)
{%- endmacro %}


{#
    States of all customers on the evaluated dates that a condition on int_state_dates chooses: the
    whole body of a model.
#}
{% macro rfm_states(condition) -%}
with

spans as (
    select * from {{ ref('int_rfm_spans') }}
),

cuts as (
    select * from {{ ref('int_rfm_cuts') }}
),

state_dates as (
    select * from {{ ref('int_state_dates') }}
    where {{ condition }}
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
{%- endmacro %}


{# Condition on dates: what the tables of evaluated dates hold of them is to be worked out. #}
{% macro is_touched_state_date(column='state_date') -%}
    {{ is_touched(column, 'state_date', 'int_touched_state_dates', 'int_rfm_prints') }}
{%- endmacro %}
