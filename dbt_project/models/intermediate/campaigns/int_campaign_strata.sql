{{ config(materialized='table') }}

{%- set parts = {'pre': -effect_days(), 'post': 0, 'yoy': -364} %}

with

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

people as (
    select * from {{ ref('int_campaign_people') }}
),

orders as (
    select * from {{ ref('int_sales_receipts') }}
    where is_qualifying and customer_key is not null
),

-- All windows have as many days, and the same weekdays.
list_offsets as (
    {%- for part, first_day in parts.items() %}
    {%- for day in range(effect_days()) %}
    {{ 'union all ' if not loop.first }}select '{{ part }}' as part, {{ first_day + day }} as days
    {%- endfor %}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

list_window_dates as (
    select
        campaigns.campaign_id,
        list_offsets.part,
        {{ add_days('campaigns.sent_date', 'list_offsets.days') }} as business_date
    from campaigns
    cross join list_offsets
),

sum_orders as (
    select
        list_window_dates.campaign_id,
        orders.customer_key,
        {%- for part in parts %}
        count(*) filter (where list_window_dates.part = '{{ part }}') as {{ part }}_orders,
        sum(orders.net_sales_order_dated) filter (where list_window_dates.part = '{{ part }}')
            as {{ part }}_net_sales{{ ',' if not loop.last }}
        {%- endfor %}
    from orders
    inner join list_window_dates on orders.business_date = list_window_dates.business_date
    group by list_window_dates.campaign_id, orders.customer_key
),

-- As meant and not as delivered: whose message bounced is among the treated, because the held-out
-- have such addresses as well. Who is in both arms, by two addresses, tells of neither.
measure_people as (
    select
        people.campaign_id,
        people.person_id,
        people.segment,
        case
            when people.is_treated and people.is_held_out then 'both'
            when people.is_treated then 'treated'
            else 'control'
        end as arm,
        {%- for part in parts %}
        case when sum_orders.{{ part }}_orders > 0 then 1 else 0 end as {{ part }}_bought,
        coalesce(sum_orders.{{ part }}_orders, 0) as {{ part }}_orders,
        cast(coalesce(sum_orders.{{ part }}_net_sales, 0) as decimal(18, 2))
            as {{ part }}_net_sales{{ ',' if not loop.last }}
        {%- endfor %}
    from people
    left join sum_orders
        on
            people.campaign_id = sum_orders.campaign_id
            and people.customer_key = sum_orders.customer_key
    where people.variant = 'all'
),

list_variants as (
    select distinct campaign_id, variant
    from people
    where is_treated or variant = 'all'
),

-- The held-out of a campaign are the control of each of its variants.
list_arms as (
    select
        people.variant,
        measure_people.*
    from measure_people
    inner join people
        on
            measure_people.campaign_id = people.campaign_id
            and measure_people.person_id = people.person_id
    where measure_people.arm = 'treated' and people.is_treated
    union all
    select
        list_variants.variant,
        measure_people.*
    from measure_people
    inner join list_variants on measure_people.campaign_id = list_variants.campaign_id
    where measure_people.arm <> 'treated'
),

sum_arms as (
    select
        campaign_id,
        variant,
        segment as rfm_group,
        pre_bought = 1 as bought_before,
        count(*) filter (where arm = 'treated') as n_treated,
        count(*) filter (where arm = 'control') as n_control,
        count(*) filter (where arm = 'both') as n_in_both
        {%- for arm in ['treated', 'control'] %}
        {%- for value in effect_metrics().values() %}
        {%- for part in parts %},
        sum({{ part }}_{{ value }}) filter (where arm = '{{ arm }}')
            as {{ arm }}_{{ part }}_{{ value }}
        {%- endfor %},
        sum(cast(post_{{ value }} as decimal(18, 2)) * cast(post_{{ value }} as decimal(18, 2)))
            filter (where arm = '{{ arm }}') as {{ arm }}_post_{{ value }}_squares,
        sum(
            cast(post_{{ value }} - pre_{{ value }} as decimal(18, 2))
            * cast(post_{{ value }} - pre_{{ value }} as decimal(18, 2))
        ) filter (where arm = '{{ arm }}') as {{ arm }}_change_{{ value }}_squares
        {%- endfor %}
        {%- endfor %}
    from list_arms
    group by campaign_id, variant, segment, pre_bought
),

-- A campaign as a whole is made of the strata of all its segments.
list_segments as (
    select
        *,
        rfm_group as segment
    from sum_arms
    union all
    select
        *,
        'all'
    from sum_arms
),

final as (
    {%- for metric, value in effect_metrics().items() %}
    select
        campaign_id,
        variant,
        segment,
        rfm_group,
        bought_before,
        '{{ metric }}' as metric,
        n_treated,
        n_control,
        n_in_both
        {%- for arm in ['treated', 'control'] %}
        {%- for part in parts %},
        {{ amount_or_zero(arm ~ '_' ~ part ~ '_' ~ value) }} as {{ arm }}_{{ part }}
        {%- endfor %}
        {%- for part in ['post', 'change'] %},
        cast(coalesce({{ arm }}_{{ part }}_{{ value }}_squares, 0) as decimal(38, 4))
            as {{ arm }}_{{ part }}_squares
        {%- endfor %}
        {%- endfor %}
    from list_segments
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
)

select * from final
