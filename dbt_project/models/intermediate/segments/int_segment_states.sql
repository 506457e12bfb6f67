{{ config(materialized='table') }}

with

customers as (
    select
        *,
        row_number() over (order by customer_key asc nulls last) as customer_number
    from {{ ref('int_customers') }}
    where not is_internal
),

number_dates as (
    select
        *,
        row_number() over (order by state_date asc nulls last) - 1 as date_number
    from {{ ref('int_state_dates') }}
),

-- Bits of a number that has a sign: 60 dates are a block.
state_dates as (
    select
        *,
        cast(floor(date_number / 60) as bigint) as date_block,
        cast(power(2, date_number % 60) as bigint) as date_bit
    from number_dates
),

first_dates as (
    select * from {{ ref('int_segment_first_dates') }}
),

purchase_days as (
    select * from {{ ref('int_purchase_days') }}
),

rfm_states as (
    select * from {{ ref('int_rfm_states') }}
),

-- What has no end yet ends after the as-of date: a bound that is always there keeps joins fast.
lifecycle_spells as (
    select
        *,
        coalesce(to_date, {{ add_days(as_of_date(), 1) }}) as end_date
    from {{ ref('int_lifecycle_spells') }}
),

attributes as (
    select
        *,
        lead(valid_from, 1, {{ add_days(as_of_date(), 1) }}) over (
            partition by customer_key order by valid_from asc nulls last
        ) as next_valid_from
    from {{ ref('int_customer_attributes') }}
),

-- Nobody is in a segment before anything was known of them.
list_states as (
    select
        customers.customer_number,
        customers.customer_key,
        customers.member_since,
        (customers.is_member or customers.left_on is not null)
        and coalesce(customers.member_since <= state_dates.state_date, true)
        and coalesce(customers.left_on > state_dates.state_date, true) as is_member,
        state_dates.state_date,
        state_dates.date_block,
        state_dates.date_bit
    from customers
    cross join state_dates
    left join first_dates on customers.customer_key = first_dates.customer_key
    where
        first_dates.first_date is null
        or first_dates.first_date <= state_dates.state_date
        or state_dates.is_as_of
),

sum_purchases as (
    select
        purchase_days.customer_key,
        state_dates.state_date,
        min(purchase_days.business_date) as first_date,
        max(purchase_days.business_date) as last_date,
        sum(purchase_days.q_orders) as q_orders_lifetime,
        sum(purchase_days.net_sales) as q_net_sales_lifetime,
        sum(purchase_days.q_orders) filter (
            where purchase_days.business_date > {{ add_days('state_dates.state_date', -365) }}
        ) as q_orders_365d,
        sum(purchase_days.net_sales) filter (
            where purchase_days.business_date > {{ add_days('state_dates.state_date', -365) }}
        ) as q_net_sales_365d
    from purchase_days
    inner join state_dates on purchase_days.business_date <= state_dates.state_date
    group by purchase_days.customer_key, state_dates.state_date
),

final as (
    select
        list_states.customer_number,
        list_states.customer_key,
        list_states.state_date,
        list_states.date_block,
        list_states.date_bit,
        {%- for window in ['lifetime', '365d'] %}
        coalesce(rfm_{{ window }}.rfm_group, 'PROSPECTS') as rfm_group_{{ window }},
        coalesce(rfm_{{ window }}.klaviyo_group, 'PROSPECTS') as klaviyo_group_{{ window }},
        {%- for column in ['r_score', 'f_score', 'm_score'] %}
        rfm_{{ window }}.{{ column }} as {{ column }}_{{ window }},
        {%- endfor %}
        {{ count_or_zero('rfm_' ~ window ~ '.frequency') }} as frequency_{{ window }},
        {{ amount_or_zero('rfm_' ~ window ~ '.monetary') }} as monetary_{{ window }},
        {{ count_or_zero('sum_purchases.q_orders_' ~ window) }} as q_orders_{{ window }},
        {{ amount_or_zero('sum_purchases.q_net_sales_' ~ window) }} as q_net_sales_{{ window }},
        {%- endfor %}
        coalesce(lifecycle_spells.lifecycle_status, 'prospect') as lifecycle_status,
        {{ days_between('sum_purchases.last_date', 'list_states.state_date') }} as days_since_last,
        {{ days_between('sum_purchases.first_date', 'list_states.state_date') }}
            as days_since_first,
        case when list_states.is_member then 'true' else 'false' end as is_member,
        case
            when list_states.is_member
                then {{ days_between('list_states.member_since', 'list_states.state_date') }}
        end as days_as_member,
        attributes.member_tier,
        attributes.home_store_id,
        attributes.gender,
        attributes.age_band,
        attributes.prefecture,
        attributes.occupation
    from list_states
    {%- for window in ['lifetime', '365d'] %}
    left join rfm_states as rfm_{{ window }}
        on
            list_states.customer_key = rfm_{{ window }}.customer_key
            and list_states.state_date = rfm_{{ window }}.state_date
            and rfm_{{ window }}.rfm_window = '{{ window }}'
    {%- endfor %}
    left join sum_purchases
        on
            list_states.customer_key = sum_purchases.customer_key
            and list_states.state_date = sum_purchases.state_date
    left join lifecycle_spells
        on
            list_states.customer_key = lifecycle_spells.customer_key
            and lifecycle_spells.from_date <= list_states.state_date
            and lifecycle_spells.end_date > list_states.state_date
    left join attributes
        on
            list_states.customer_key = attributes.customer_key
            and attributes.valid_from <= list_states.state_date
            and attributes.next_valid_from > list_states.state_date
)

select * from final
