{%- set horizons = [30, 90, 365] %}

with

customers as (
    select * from {{ ref('dim_customer') }}
    where not is_internal
),

inputs as (
    select * from {{ ref('int_ltv_inputs') }}
),

customer_values as (
    select * from {{ ref('int_customer_values') }}
),

segments as (
    select * from {{ ref('int_ltv_segments') }}
),

-- Parameters of another date would score today's customers by yesterday's fit: they do not count.
params as (
    select * from {{ source('prediction', 'clv_params') }}
    where as_of_date = {{ as_of_date() }} and status in ('fitted', 'pooled')
),

spread_growth as (
    select
        segment,
        repeat_days,
        days_observed,
        {%- for days in horizons %}
        max(growth) filter (where horizon_days = {{ days }}) as growth_{{ days }}d{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ source('prediction', 'clv_growth') }}
    group by segment, repeat_days, days_observed
),

score_customers as (
    select
        inputs.customer_key,
        {{ clv_p_alive('params', 'inputs') }} as p_alive,
        round(1 - {{ clv_p_alive('params', 'inputs') }}, 9) as churn_risk,
        {{ clv_expected_value('params', 'inputs') }} as order_value,
        {%- for days in horizons %}
        spread_growth.growth_{{ days }}d{{ ',' if not loop.last }}
        {%- endfor %}
    from inputs
    inner join params on inputs.ltv_segment = params.segment
    inner join spread_growth
        on
            inputs.ltv_segment = spread_growth.segment
            and inputs.repeat_days = spread_growth.repeat_days
            and inputs.days_observed = spread_growth.days_observed
),

final as (
    select
        customers.customer_key,
        inputs.first_q_date,
        inputs.last_q_date,
        coalesce(inputs.q_orders, 0) as q_orders,
        coalesce(inputs.purchase_days, 0) as purchase_days,
        coalesce(customer_values.ltv_historic, 0) as ltv_historic,
        customer_values.ltv_margin,
        customer_values.cost_coverage,
        {{ ratio('inputs.q_net_sales', 'inputs.q_orders') }} as average_order_value,
        inputs.ltv_segment,
        segments.ltv_simple,
        round(scored.p_alive, 9) as p_alive,
        scored.churn_risk,
        case
            when scored.churn_risk < round(1 / 3.0e0, 9) then 'low'
            when scored.churn_risk < round(2 / 3.0e0, 9) then 'medium'
            when scored.churn_risk is not null then 'high'
        end as churn_risk_band,
        {%- for days in horizons %}
        round(scored.growth_{{ days }}d * scored.p_alive, 9) as expected_orders_{{ days }}d,
        {%- endfor %}
        round(scored.order_value, 9) as expected_order_value,
        {%- for days in horizons %}
        cast(scored.growth_{{ days }}d * scored.p_alive * scored.order_value as decimal(18, 2))
            as ltv_predicted_{{ days }}d,
        {%- endfor %}
        cast(
            customer_values.ltv_historic + cast(
                scored.growth_365d * scored.p_alive * scored.order_value as decimal(18, 2)
            ) as decimal(18, 2)
        ) as ltv_total,
        case
            when inputs.customer_key is null then 'no_purchase'
            when scored.p_alive is null then 'insufficient_data'
            else 'predicted'
        end as prediction_status
    from customers
    left join inputs on customers.customer_key = inputs.customer_key
    left join customer_values on customers.customer_key = customer_values.customer_key
    left join segments on inputs.ltv_segment = segments.ltv_segment
    left join score_customers as scored on customers.customer_key = scored.customer_key
)

select * from final
