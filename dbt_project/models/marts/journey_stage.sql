{{ config(
    materialized='kept', prints='int_journey_prints', touched='int_touched_customers',
    kept_by='customer_key'
) }}

{%- set stages = journey_stages() -%}

with

customers as (
    select * from {{ ref('dim_customer') }}
    where not is_internal and {{ is_touched_customer() }}
),

touchpoints as (
    select * from {{ ref('fct_touchpoint') }}
    where {{ is_touched_customer() }}
),

orders as (
    select * from {{ ref('int_order_milestones') }}
),

lifecycles as (
    select * from {{ ref('customer_lifecycle') }}
),

touches as (
    {{ touches_by_customer('touchpoints') }}
),

loyal as (
    {{ loyal_dates_by_customer(ref('customer_rfm_history'), ref('customer_rfm')) }}
),

promoters as (
    select
        touchpoints.customer_key,
        min(touchpoints.occurred_at) as promoter_at
    from touchpoints
    inner join orders on touchpoints.customer_key = orders.customer_key
    where
        touchpoints.touchpoint_type = 'survey_answered'
        and touchpoints.sentiment = 1
        and touchpoints.occurred_at >= orders.first_purchase_at
    group by touchpoints.customer_key
),

find_first_date as (
    select min(business_date) as first_date from {{ ref('fct_sales_receipt') }}
),

-- A group holds at the end of its date. Whoever referred somebody before they bought themselves
-- is an advocate from their first order on.
find_instants as (
    select
        customers.customer_key,
        coalesce(customers.member_since < find_first_date.first_date, false) as is_left_censored,
        coalesce(lifecycles.lifecycle_status in ('dormant', 'lost'), false) as is_dormant,
        lifecycles.dormant_since,
        lifecycles.reactivated_on,
        touches.aware_at,
        case
            when coalesce(touches.first_act_at < orders.first_purchase_at, true)
                then touches.first_act_at
        end as considering_at,
        orders.first_purchase_at,
        orders.repeat_at,
        case when loyal.loyal_on is not null then greatest(
            {{ company_midnight(add_days('loyal.loyal_on', '1')) }}, orders.first_purchase_at
        ) end as loyal_at,
        case when orders.first_purchase_at is not null then least(
            promoters.promoter_at,
            case when touches.first_referral_at is not null then
                greatest(touches.first_referral_at, orders.first_purchase_at)
            end
        ) end as advocate_at,
        orders.dormant_at,
        orders.returned_at,
        touches.aware_on,
        orders.first_purchase_on,
        orders.repeat_on,
        loyal.loyal_on,
        touches.first_touch_channel,
        touches.last_touchpoint_at,
        touches.last_touchpoint_type,
        touches.last_touchpoint_channel,
        touches.touchpoints,
        touches.touchpoints_90d
    from customers
    cross join find_first_date
    {%- for relation in ['touches', 'orders', 'lifecycles', 'loyal', 'promoters'] %}
    left join {{ relation }} on customers.customer_key = {{ relation }}.customer_key
    {%- endfor %}
),

-- Somebody of whom nothing but a record is known is aware of us since nobody knows when.
find_stages as (
    select
        *,
        {{ company_date('considering_at') }} as considering_on,
        {{ company_date('advocate_at') }} as advocate_on,
        coalesce({{ furthest_stage(stages, '{} is not null') }}, 'aware') as furthest_stage
    from find_instants
),

enter_stages as (
    select
        *,
        case furthest_stage
            {%- for stage in stages %}
            when '{{ stage }}' then {{ stage }}_on
            {%- endfor %}
        end as reached_on
    from find_stages
),

final as (
    select
        customer_key,
        case when is_dormant then 'dormant' else furthest_stage end as journey_stage,
        case when is_dormant then dormant_since else greatest(reached_on, reactivated_on) end
            as entered_on,
        case
            when is_dormant
                then {{ furthest_stage(stages, '{} < ' ~ company_midnight('dormant_since')) }}
            when reactivated_on >= reached_on then 'dormant'
            {%- for stage in stages[1:] %}
            when furthest_stage = '{{ stage }}'
                then {{ furthest_stage(stages[:loop.index], '{} <= ' ~ stage ~ '_at') }}
            {%- endfor %}
        end as previous_stage,
        furthest_stage,
        {%- for stage in stages + ['dormant', 'returned'] %}
        {{ stage }}_at,
        {%- endfor %}
        is_left_censored,
        first_touch_channel,
        last_touchpoint_at,
        last_touchpoint_type,
        last_touchpoint_channel,
        {{ count_or_zero('touchpoints') }} as touchpoints,
        {{ count_or_zero('touchpoints_90d') }} as touchpoints_90d
    from enter_stages
)

select * from final
