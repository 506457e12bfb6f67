{{ config(materialized='table') }}

{%- set parts = {'pre': -effect_days(), 'post': 0, 'yoy': -364} -%}
{%- set sums = [] -%}
{%- for value in effect_metrics().values() -%}
    {%- for part in parts -%}
        {%- do sums.append(part ~ '_' ~ value) -%}
    {%- endfor -%}
    {%- do sums.extend(['post_' ~ value ~ '_squares', 'change_' ~ value ~ '_squares']) -%}
{%- endfor %}

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

in_both_arms as (
    select campaign_id, person_id from {{ ref('int_campaign_people') }}
    where variant = 'all' and is_treated and is_held_out
),

-- As meant and not as delivered: whose message bounced is among the treated, because the held-out
-- have such addresses as well. Who is in both arms, by two addresses, tells of neither.
list_arms as (
    select
        people.campaign_id,
        people.variant,
        people.person_id,
        people.segment,
        case
            when in_both_arms.person_id is not null then 'both'
            when people.is_treated then 'treated'
            else 'control'
        end as arm
    from people
    left join in_both_arms
        on
            people.campaign_id = in_both_arms.campaign_id
            and people.person_id = in_both_arms.person_id
    where people.variant = 'all' or (people.is_treated and in_both_arms.person_id is null)
),

count_people as (
    select
        campaign_id,
        variant,
        segment,
        arm,
        count(*) as people
    from list_arms
    group by campaign_id, variant, segment, arm
),

-- Few people buy in a window, so what each of them bought is summed up for those alone. Somebody who
-- is a customer is known by that key.
sum_orders as (
    select
        list_arms.campaign_id,
        list_arms.variant,
        list_arms.segment,
        list_arms.arm,
        list_arms.person_id,
        {%- for part in parts %}
        count(*) filter (where list_window_dates.part = '{{ part }}') as {{ part }}_orders,
        cast(coalesce(
            sum(orders.net_sales_order_dated) filter (where list_window_dates.part = '{{ part }}'),
            0
        ) as decimal(18, 2)) as {{ part }}_net_sales{{ ',' if not loop.last }}
        {%- endfor %}
    from orders
    inner join list_window_dates on orders.business_date = list_window_dates.business_date
    inner join list_arms
        on
            list_window_dates.campaign_id = list_arms.campaign_id
            and orders.customer_key = list_arms.person_id
    group by
        list_arms.campaign_id,
        list_arms.variant,
        list_arms.segment,
        list_arms.arm,
        list_arms.person_id
),

measure_buyers as (
    select
        *
        {%- for part in parts %},
        case when {{ part }}_orders > 0 then 1 else 0 end as {{ part }}_bought
        {%- endfor %}
    from sum_orders
),

sum_buyers as (
    select
        campaign_id,
        variant,
        segment,
        arm,
        pre_bought = 1 as bought_before,
        count(*) as people
        {%- for value in effect_metrics().values() %}
        {%- for part in parts %},
        sum({{ part }}_{{ value }}) as {{ part }}_{{ value }}
        {%- endfor %},
        sum(cast(post_{{ value }} as decimal(18, 2)) * cast(post_{{ value }} as decimal(18, 2)))
            as post_{{ value }}_squares,
        sum(
            cast(post_{{ value }} - pre_{{ value }} as decimal(18, 2))
            * cast(post_{{ value }} - pre_{{ value }} as decimal(18, 2))
        ) as change_{{ value }}_squares
        {%- endfor %}
    from measure_buyers
    group by campaign_id, variant, segment, arm, pre_bought
),

-- Everybody who did not buy before the send is counted here, and nobody there.
list_sums as (
    select
        campaign_id,
        variant,
        segment,
        arm,
        bought_before,
        case when bought_before then people else 0 end as people,
        {{ sums | join(', ') }}
    from sum_buyers
    union all
    select
        count_people.campaign_id,
        count_people.variant,
        count_people.segment,
        count_people.arm,
        false,
        count_people.people - coalesce(sum_buyers.people, 0),
        {%- for sum in sums %}
        0{{ ',' if not loop.last }}
        {%- endfor %}
    from count_people
    left join sum_buyers
        on
            count_people.campaign_id = sum_buyers.campaign_id
            and count_people.variant = sum_buyers.variant
            and count_people.segment = sum_buyers.segment
            and count_people.arm = sum_buyers.arm
            and sum_buyers.bought_before
    where count_people.people > coalesce(sum_buyers.people, 0)
),

list_variants as (
    select distinct campaign_id, variant
    from {{ ref('int_campaign_people') }}
    where is_treated or variant = 'all'
),

-- The held-out of a campaign are the control of each of its variants.
list_sums_of_variants as (
    select
        *,
        variant as in_variant
    from list_sums
    where arm = 'treated'
    union all
    select
        list_sums.*,
        list_variants.variant
    from list_sums
    inner join list_variants on list_sums.campaign_id = list_variants.campaign_id
    where list_sums.arm <> 'treated'
),

sum_arms as (
    select
        campaign_id,
        in_variant as variant,
        segment as rfm_group,
        bought_before
        {%- for arm, n in {
            'treated': 'n_treated', 'control': 'n_control', 'both': 'n_in_both'
        }.items() %},
        {{ count_or_zero("sum(people) filter (where arm = '" ~ arm ~ "')") }} as {{ n }}
        {%- endfor %}
        {%- for arm in ['treated', 'control'] %}
        {%- for sum in sums %},
        sum({{ sum }}) filter (where arm = '{{ arm }}') as {{ arm }}_{{ sum }}
        {%- endfor %}
        {%- endfor %}
    from list_sums_of_variants
    group by campaign_id, in_variant, segment, bought_before
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
