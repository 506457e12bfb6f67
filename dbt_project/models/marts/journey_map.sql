{%- set least = var('min_respondents') -%}

with

touchpoints as (
    select * from {{ ref('fct_touchpoint') }}
    where ticket_id is not null
),

receipts as (
    select * from {{ ref('fct_sales_receipt') }}
),

tickets as (
    select * from {{ ref('support_ticket') }}
    where not is_merged
),

customers as (
    select
        stages.*,
        not stages.is_left_censored as is_timed,
        customers.age_band,
        rfm.rfm_group
    from {{ ref('journey_stage') }} as stages
    inner join {{ ref('dim_customer') }} as customers
        on stages.customer_key = customers.customer_key
    inner join {{ ref('customer_rfm') }} as rfm
        on stages.customer_key = rfm.customer_key and rfm.rfm_window = 'lifetime'
),

first_ratings as (
    select
        ticket_id,
        min(occurred_at) as rating_at
    from touchpoints
    where touchpoint_type = 'rated'
    group by ticket_id
),

-- An order that came after the contact is not what it was about.
cases as (
    select
        tickets.ticket_id,
        case when receipts.closed_at <= tickets.created_at then receipts.closed_at end as order_at,
        tickets.created_at as contact_at,
        tickets.first_reply_at,
        tickets.first_solved_at as resolution_at,
        first_ratings.rating_at,
        true as is_timed,
        customers.age_band,
        customers.first_touch_channel,
        customers.rfm_group
    from tickets
    inner join customers on tickets.customer_key = customers.customer_key
    left join receipts on tickets.related_receipt_id = receipts.receipt_id
    left join first_ratings on tickets.ticket_id = first_ratings.ticket_id
),

list_steps as (
    {{ steps_of_units({'purchase': 'customers', 'service': 'cases'}) }}
),

count_steps as (
    select
        map_type,
        segment_type,
        segment,
        step,
        count(*) as reached,
        count(hours_to_next) as timed,
        percentile_cont(0.5) within group (order by hours_to_next asc nulls last) as p50_hours,
        percentile_cont(0.9) within group (order by hours_to_next asc nulls last) as p90_hours,
        count(is_dropped) as matured,
        sum(is_dropped) as dropped
    from {{ by_segment('list_steps') }} as steps_of_segments
    group by map_type, segment_type, segment, step
),

list_touches as (
    select
        'purchase' as map_type,
        events.stage as step,
        events.customer_key as unit_key,
        events.channel,
        events.sentiment,
        {{ journey_dimensions() }}
    from {{ ref('journey_event') }} as events
    inner join customers on events.customer_key = customers.customer_key
    union all
    select
        'service',
        case touchpoints.touchpoint_type
            {%- for kind, step in {
                'ticket_opened': 'contact', 'ticket_solved': 'resolution', 'rated': 'rating'
            }.items() %}
            when '{{ kind }}' then '{{ step }}'
            {%- endfor %}
        end,
        touchpoints.ticket_id,
        touchpoints.channel,
        touchpoints.sentiment,
        {{ journey_dimensions() }}
    from touchpoints
    inner join cases on touchpoints.ticket_id = cases.ticket_id
),

sum_touches as (
    {{ touches_of_steps('list_touches') }}
),

count_units as (
    {%- for map, relation in {'purchase': 'customers', 'service': 'cases'}.items() %}
    select
        '{{ map }}' as map_type,
        segment_type,
        segment,
        count(*) as units
    from {{ by_segment(relation) }} as {{ map }}_units
    group by segment_type, segment
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

list_all_steps as (
    {%- for map, steps in journey_maps().items() %}
    {{ 'union all' if not loop.first }}
    {%- for step in steps %}
    select '{{ map }}' as map_type, {{ loop.index }} as step_no, '{{ step }}' as step
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {%- endfor %}
),

-- Every segment has all steps, so that no chart has a hole.
final as (
    select
        count_units.map_type,
        count_units.segment_type,
        count_units.segment,
        cast(all_steps.step_no as bigint) as step_no,
        all_steps.step,
        cast(count_units.units as bigint) as units,
        {{ count_or_zero('steps.reached') }} as reached,
        {{ ratio('coalesce(steps.reached, 0)', 'count_units.units') }} as reach_share,
        {{ count_or_zero('steps.timed') }} as timed,
        {%- for quantile in ['p50', 'p90'] %}
        case when steps.timed >= {{ least }} then round(steps.{{ quantile }}_hours, 9) end
            as {{ quantile }}_hours_to_next,
        {%- endfor %}
        {{ count_or_zero('steps.matured') }} as matured,
        {{ count_or_zero('steps.dropped') }} as dropped,
        case when steps.matured >= {{ least }} then {{ ratio('steps.dropped', 'steps.matured') }} end
            as drop_off_share,
        {{ count_or_zero('touches.sentiment_people') }} as sentiment_people,
        {{ count_or_zero('touches.sentiment_n') }} as sentiment_n,
        cast(coalesce(touches.sentiment_sum, 0) as bigint) as sentiment_sum,
        case when touches.sentiment_people >= {{ least }} then
            {{ ratio('touches.sentiment_sum', 'touches.sentiment_n') }}
        end as mean_sentiment,
        {{ count_or_zero('touches.step_touches') }} as touches,
        case when steps.reached >= {{ least }} then touches.channel end as main_channel,
        case when steps.reached >= {{ least }} then
            {{ ratio('touches.touches', 'touches.step_touches') }}
        end as main_channel_share,
        coalesce(steps.reached >= {{ least }}, false) as is_shown
    from count_units
    inner join list_all_steps as all_steps on count_units.map_type = all_steps.map_type
    {%- for name, relation in {'steps': 'count_steps', 'touches': 'sum_touches'}.items() %}
    left join {{ relation }} as {{ name }}
        on
            count_units.map_type = {{ name }}.map_type
            and count_units.segment_type = {{ name }}.segment_type
            and count_units.segment = {{ name }}.segment
            and all_steps.step = {{ name }}.step
    {%- endfor %}
)

select * from final
