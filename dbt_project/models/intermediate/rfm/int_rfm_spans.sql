{{ config(materialized='table') }}

with

receipts as (
    select * from {{ ref('int_sales_receipts') }}
    where customer_key is not null
),

state_dates as (
    select * from {{ ref('int_state_dates') }}
),

-- Money is what stayed: a return that names no sale counts on its own day.
sum_days as (
    select
        customer_key,
        business_date,
        {%- if var('rfm_frequency_unit') == 'receipts' %}
        count(*) filter (where is_qualifying) as frequency,
        {%- elif var('rfm_frequency_unit') == 'purchase_days' %}
        count(distinct business_date) filter (where is_qualifying) as frequency,
        {%- else %}
        {{ exceptions.raise_compiler_error(
            'rfm_frequency_unit must be receipts or purchase_days'
        ) }}
        {%- endif %}
        max(business_date) filter (where is_qualifying) as q_date,
        sum(net_sales_order_dated) as monetary
    from receipts
    group by customer_key, business_date
),

-- A day enters every window on its own date; it leaves one of N days N days later.
list_ends as (
    {%- for rfm_window, days in rfm_windows().items() %}
    select '{{ rfm_window }}' as rfm_window, 1 as direction, 0 as days_later
    {%- if days %}
    union all select '{{ rfm_window }}', -1, {{ days }}
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

list_changes as (
    select
        list_ends.rfm_window,
        sum_days.customer_key,
        {{ add_days('sum_days.business_date', 'list_ends.days_later') }} as change_date,
        case when list_ends.direction = 1 then sum_days.q_date end as q_date,
        list_ends.direction * sum_days.frequency as frequency,
        list_ends.direction * sum_days.monetary as monetary
    from sum_days
    cross join list_ends
),

list_change_dates as (
    select distinct change_date from list_changes
),

-- The first evaluated date that sees a change; after the last of them nothing is seen.
place_changes as (
    select
        list_change_dates.change_date,
        min(state_dates.state_date) as state_date
    from list_change_dates
    inner join state_dates on list_change_dates.change_date <= state_dates.state_date
    group by list_change_dates.change_date
),

sum_changes as (
    select
        list_changes.rfm_window,
        list_changes.customer_key,
        place_changes.state_date,
        max(list_changes.q_date) as q_date,
        cast(sum(list_changes.frequency) as bigint) as frequency,
        cast(sum(list_changes.monetary) as decimal(18, 2)) as monetary
    from list_changes
    inner join place_changes on list_changes.change_date = place_changes.change_date
    group by list_changes.rfm_window, list_changes.customer_key, place_changes.state_date
),

add_up_changes as (
    select
        customer_key,
        rfm_window,
        state_date as from_date,
        coalesce(lead(state_date) over so_far, {{ add_days(as_of_date(), 1) }}) as to_date,
        max(q_date) over so_far as last_q_date,
        cast(sum(frequency) over so_far as bigint) as frequency,
        cast(sum(monetary) over so_far as decimal(18, 2)) as monetary
    from sum_changes
    window so_far as (
        partition by rfm_window, customer_key order by state_date asc nulls last
    )
),

final as (
    select
        customer_key,
        rfm_window,
        from_date,
        to_date,
        case when frequency > 0 then last_q_date end as last_q_date,
        case when frequency > 0 then frequency end as frequency,
        case when frequency > 0 then monetary end as monetary
    from add_up_changes
    where last_q_date is not null
)

select * from final
