{%- set windows = {'lifetime': none, '365d': 365} -%}

with

customers as (
    select * from {{ ref('dim_customer') }}
    where not is_internal
),

receipts as (
    select * from {{ ref('fct_sales_receipt') }}
    where customer_key is not null
),

rfm_cells as (
    select * from {{ ref('int_rfm_cells') }}
),

list_buyers as (
    select distinct customer_key from receipts
    where is_qualifying
),

-- Money is what stayed: a return that names no sale counts on its own day.
measure_customers as (
    {%- for rfm_window, days in windows.items() %}
    select
        '{{ rfm_window }}' as rfm_window,
        customer_key,
        max(business_date) filter (where is_qualifying) as last_q_date,
        {%- if var('rfm_frequency_unit') == 'receipts' %}
        count(*) filter (where is_qualifying) as frequency,
        {%- elif var('rfm_frequency_unit') == 'purchase_days' %}
        count(distinct business_date) filter (where is_qualifying) as frequency,
        {%- else %}
        {{ exceptions.raise_compiler_error(
            'rfm_frequency_unit must be receipts or purchase_days'
        ) }}
        {%- endif %}
        sum(net_sales_order_dated) as monetary
    from receipts
    {%- if days %}
    where {{ in_window('business_date', days) }}
    {%- endif %}
    group by customer_key
    having count(*) filter (where is_qualifying) > 0
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

score_customers as (
    select
        *,
        {{ quintile_score('last_q_date', 'rfm_window') }} as r_score,
        {{ quintile_score('frequency', 'rfm_window') }} as f_score,
        {{ quintile_score('monetary', 'rfm_window') }} as m_score
    from measure_customers
),

judge_windows as (
    select
        rfm_window,
        count(*) < {{ var('rfm_min_customers') }}
        or count(distinct last_q_date) < 5
        or count(distinct frequency) < 5
        or count(distinct monetary) < 5 as is_degenerate
    from measure_customers
    group by rfm_window
),

-- Every customer has a row a window, also where nobody bought in it.
list_rows as (
    {%- for rfm_window in windows %}
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
        scored.last_q_date,
        cast({{ days_between('scored.last_q_date', as_of_date()) }} as bigint) as recency_days,
        cast(coalesce(scored.frequency, 0) as bigint) as frequency,
        cast(coalesce(scored.monetary, 0) as decimal(18, 2)) as monetary,
        scored.r_score,
        scored.f_score,
        scored.m_score,
        rfm_cells.fm_score,
        cast(rfm_cells.r_score * 100 + rfm_cells.f_score * 10 + rfm_cells.m_score as varchar(3))
            as rfm_cell,
        case
            when list_buyers.customer_key is null then 'PROSPECTS'
            when scored.customer_key is null then 'OUT_OF_WINDOW'
            else rfm_cells.rfm_group
        end as rfm_group,
        coalesce(judge_windows.is_degenerate, true) as is_degenerate
    from list_rows
    left join score_customers as scored
        on
            list_rows.customer_key = scored.customer_key
            and list_rows.rfm_window = scored.rfm_window
    left join rfm_cells
        on
            scored.r_score = rfm_cells.r_score
            and scored.f_score = rfm_cells.f_score
            and scored.m_score = rfm_cells.m_score
    left join list_buyers on list_rows.customer_key = list_buyers.customer_key
    left join judge_windows on list_rows.rfm_window = judge_windows.rfm_window
)

select * from final
