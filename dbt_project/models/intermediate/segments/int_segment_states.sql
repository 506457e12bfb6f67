{%- set rfm_columns = [
    'rfm_group', 'klaviyo_group', 'r_score', 'f_score', 'm_score', 'frequency', 'monetary'
] %}
{%- set order_columns = [
    'q_orders_lifetime', 'q_net_sales_lifetime', 'q_orders_365d', 'q_net_sales_365d'
] %}
{%- set register_columns = [
    'member_tier', 'home_store_id', 'gender', 'age_band', 'prefecture', 'occupation'
] %}

with

customers as (
    select * from {{ ref('int_segment_customers') }}
),

state_dates as (
    select * from {{ ref('int_segment_dates') }}
),

orders as (
    select * from {{ ref('int_segment_orders') }}
),

rfm_states as (
    select * from {{ ref('int_rfm_states') }}
),

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
        ) as end_date
    from {{ ref('int_customer_attributes') }}
),

-- What no rule names has no rows and costs nothing.
used_attributes as (
    select distinct attribute from {{ ref('int_segment_conditions') }}
),

used_windows as (
    {%- for window in rfm_windows() %}
    select distinct '{{ window }}' as rfm_window
    from used_attributes
    where
        attribute in (
            {%- for column in rfm_columns %}
            '{{ column }}_{{ window }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

list_days as (
    select from_date as calendar_date from lifecycle_spells
    union
    select end_date from lifecycle_spells
    union
    select valid_from from attributes
    union
    select end_date from attributes
),

number_days as (
    {{ number_days('list_days', 'state_dates') }}
),

-- The cuts between scores are those of a date.
number_rfm as (
    select
        customers.customer_number,
        rfm_states.rfm_window,
        state_dates.date_number as from_number,
        state_dates.date_number + 1 as to_number,
        {%- for column in rfm_columns %}
        rfm_states.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from rfm_states
    inner join used_windows on rfm_states.rfm_window = used_windows.rfm_window
    inner join customers on rfm_states.customer_key = customers.customer_key
    inner join state_dates on rfm_states.state_date = state_dates.state_date
),

number_lifecycles as (
    select
        customers.customer_number,
        starts.date_number as from_number,
        ends.date_number as to_number,
        lifecycle_spells.lifecycle_status
    from lifecycle_spells
    inner join customers on lifecycle_spells.customer_key = customers.customer_key
    inner join number_days as starts on lifecycle_spells.from_date = starts.calendar_date
    inner join number_days as ends on lifecycle_spells.end_date = ends.calendar_date
),

number_register as (
    select
        customers.customer_number,
        starts.date_number as from_number,
        ends.date_number as to_number,
        {%- for column in register_columns %}
        attributes.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from attributes
    inner join customers on attributes.customer_key = customers.customer_key
    inner join number_days as starts on attributes.valid_from = starts.calendar_date
    inner join number_days as ends on attributes.end_date = ends.calendar_date
),

-- Nothing is missing once there is something: what is not there yet ends with the first of it.
rfm as (
    select * from number_rfm
    union all
    select
        customers.customer_number,
        used_windows.rfm_window,
        0,
        coalesce(min(number_rfm.from_number), max(customers.dates)),
        'PROSPECTS',
        'PROSPECTS',
        null,
        null,
        null,
        0,
        0
    from customers
    cross join used_windows
    left join number_rfm
        on
            customers.customer_number = number_rfm.customer_number
            and used_windows.rfm_window = number_rfm.rfm_window
    group by customers.customer_number, used_windows.rfm_window
),

lifecycles as (
    select * from number_lifecycles
    union all
    select
        customers.customer_number,
        0,
        coalesce(min(number_lifecycles.from_number), max(customers.dates)),
        'prospect'
    from customers
    left join number_lifecycles
        on customers.customer_number = number_lifecycles.customer_number
    group by customers.customer_number
),

register as (
    select * from number_register
    union all
    select
        customers.customer_number,
        0,
        coalesce(min(number_register.from_number), max(customers.dates)),
        {%- for column in register_columns %}
        null{{ ',' if not loop.last }}
        {%- endfor %}
    from customers
    left join number_register on customers.customer_number = number_register.customer_number
    group by customers.customer_number
),

memberships as (
    {%- for start, end, is_member in [
        ('0', 'member_from', 'false'),
        ('member_from', 'member_to', 'true'),
        ('member_to', 'dates', 'false'),
    ] %}
    select
        customer_number,
        {{ start }} as from_number,
        {{ end }} as to_number,
        '{{ is_member }}' as is_member,
        {{ 'member_since' if is_member == 'true' else 'cast(null as date)' }} as member_since
    from customers
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- Days pass from one date to the next; without a day to count from there are none on any of them.
days as (
    {%- for attribute, relation, date in [
        ('days_since_first', 'orders', 'first_date'),
        ('days_since_last', 'orders', 'last_date'),
        ('days_as_member', 'memberships', 'member_since'),
    ] %}
    select
        used_attributes.attribute,
        {{ relation }}.customer_number,
        state_dates.date_number as from_number,
        state_dates.date_number + 1 as to_number,
        {{ days_between(relation ~ '.' ~ date, 'state_dates.state_date') }} as days
    from {{ relation }}
    inner join used_attributes on used_attributes.attribute = '{{ attribute }}'
    inner join state_dates
        on
            {{ relation }}.from_number <= state_dates.date_number
            and state_dates.date_number < {{ relation }}.to_number
    where {{ relation }}.{{ date }} is not null
    union all
    select
        used_attributes.attribute,
        {{ relation }}.customer_number,
        {{ relation }}.from_number,
        {{ relation }}.to_number,
        null
    from {{ relation }}
    inner join used_attributes on used_attributes.attribute = '{{ attribute }}'
    where {{ relation }}.{{ date }} is null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    {%- for window in rfm_windows() %}
    {%- for column in rfm_columns %}
    {{ segment_states(column ~ '_' ~ window, 'rfm', column) }}
        and states.rfm_window = '{{ window }}'
    union all
    {%- endfor %}
    {%- endfor %}
    {%- for column in order_columns %}
    {{ segment_states(column, 'orders') }}
    union all
    {%- endfor %}
    {%- for column in register_columns %}
    {{ segment_states(column, 'register') }}
    union all
    {%- endfor %}
    {{ segment_states('lifecycle_status', 'lifecycles') }}
    union all
    {{ segment_states('is_member', 'memberships') }}
    {%- for column in ['days_since_first', 'days_since_last', 'days_as_member'] %}
    union all
    {{ segment_states(column, 'days', 'days') }}
        and states.attribute = '{{ column }}'
    {%- endfor %}
)

select * from final
