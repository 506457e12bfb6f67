with

segment_rules as (
    select * from {{ ref('int_segment_rules') }}
),

memberships as (
    select * from {{ ref('segment_membership') }}
),

state_dates as (
    select * from {{ ref('int_state_dates') }}
),

customers as (
    select * from {{ ref('customer_360') }}
),

orders as (
    select * from {{ ref('int_customer_states') }}
),

values_of_customers as (
    select * from {{ ref('customer_ltv') }}
),

-- A change is known by its day only where the day before was looked at too.
find_baselines as (
    select
        min(state_date) filter (where {{ in_window('state_date', var('history_days')) }})
            as recent_since,
        coalesce(
            max(state_date) filter (where state_date <= {{ add_days(as_of_date(), -30) }}),
            min(state_date)
        ) as month_since
    from state_dates
),

count_changes as (
    select
        memberships.segment_id,
        {%- for period in ['recent', 'month'] %}
        count(*) filter (where memberships.entered_on > find_baselines.{{ period }}_since)
            as entered_{{ period }},
        count(*) filter (where memberships.exited_on > find_baselines.{{ period }}_since)
            as left_{{ period }}{{ ',' if not loop.last }}
        {%- endfor %}
    from memberships
    cross join find_baselines
    group by memberships.segment_id
),

-- The prediction already weighs that a customer may be gone: what hangs in the balance is largest
-- where that is open, and small for the safe and for the lost.
sum_members as (
    select
        memberships.segment_id,
        count(*) as customers,
        sum(customers.net_sales_365d) as net_sales_365d,
        sum(orders.q_orders_365d) as q_orders_365d,
        sum(orders.q_net_sales_365d) as q_net_sales_365d,
        count(values_of_customers.ltv_predicted_365d) as predicted_customers,
        sum(values_of_customers.ltv_predicted_365d) as predicted_value,
        sum(
            cast(
                round(values_of_customers.ltv_predicted_365d * values_of_customers.churn_risk, 2)
                as decimal(18, 2)
            )
        ) as value_at_risk
        {%- for channel in ['email', 'line', 'dm'] %},
        count(*) filter (where customers.contactable_{{ channel }}) as {{ channel }}_contactable
        {%- endfor %}
    from memberships
    inner join customers on memberships.customer_key = customers.customer_key
    inner join orders on memberships.customer_key = orders.customer_key
    left join values_of_customers
        on memberships.customer_key = values_of_customers.customer_key
    where memberships.is_current
    group by memberships.segment_id
),

-- What the feeds say nothing about for anybody is unknown, not none.
find_coverage as (
    select
        count(*) as all_customers
        {%- for channel in ['email', 'line', 'dm'] %},
        count(customers.contactable_{{ channel }}) > 0 as knows_{{ channel }}
        {%- endfor %}
    from orders
    inner join customers on orders.customer_key = customers.customer_key
),

final as (
    select
        segment_rules.segment_id,
        segment_rules.segment_name,
        segment_rules.rule_text,
        segment_rules.rule_hash,
        {{ count_or_zero('sum_members.customers') }} as customers,
        find_coverage.all_customers,
        {{ ratio('coalesce(sum_members.customers, 0)', 'find_coverage.all_customers') }}
            as customer_share,
        {%- for period in ['recent', 'month'] %}
        find_baselines.{{ period }}_since,
        {{ count_or_zero('count_changes.entered_' ~ period) }} as entered_{{ period }},
        {{ count_or_zero('count_changes.left_' ~ period) }} as left_{{ period }},
        {%- endfor %}
        {{ amount_or_zero('sum_members.net_sales_365d') }} as net_sales_365d,
        {{ count_or_zero('sum_members.q_orders_365d') }} as q_orders_365d,
        {{ amount_or_zero('sum_members.q_net_sales_365d') }} as q_net_sales_365d,
        {{ ratio('sum_members.q_net_sales_365d', 'sum_members.q_orders_365d') }}
            as average_order_value,
        {{ count_or_zero('sum_members.predicted_customers') }} as predicted_customers,
        cast(sum_members.predicted_value as decimal(18, 2)) as predicted_value,
        cast(sum_members.value_at_risk as decimal(18, 2)) as value_at_risk
        {%- for channel in ['email', 'line', 'dm'] %},
        case
            when find_coverage.knows_{{ channel }}
                then {{ count_or_zero('sum_members.' ~ channel ~ '_contactable') }}
        end as {{ channel }}_contactable
        {%- endfor %}
    from segment_rules
    cross join find_coverage
    cross join find_baselines
    left join sum_members on segment_rules.segment_id = sum_members.segment_id
    left join count_changes on segment_rules.segment_id = count_changes.segment_id
)

select * from final
