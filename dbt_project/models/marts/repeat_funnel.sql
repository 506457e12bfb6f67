{%- set last_step = order_steps() | int -%}

with

stores as (
    select * from {{ ref('dim_store') }}
),

order_counts as (
    select * from {{ ref('int_order_step_counts') }}
),

name_scopes as (
    {%- for scope_type, scope_key in {
        'all': "'all'",
        'channel': "coalesce(stores.channel, 'unknown')",
        'store': 'order_counts.first_store_id',
    }.items() %}
    select
        '{{ scope_type }}' as scope_type,
        {{ scope_key }} as scope_key,
        order_counts.*
    from order_counts
    left join stores on order_counts.first_store_id = stores.store_id
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

add_up as (
    {%- for days_bucket in ["'all'", 'days_bucket'] %}
    select
        scope_type,
        scope_key,
        step,
        {{ days_bucket }} as days_bucket,
        sum(customers) as customers,
        sum(matured_customers) as matured_reached
    from name_scopes
    group by scope_type, scope_key, step{{ ', days_bucket' if not loop.first }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- Every scope has all steps and buckets, so that no chart has a hole.
list_rows as (
    select
        firsts.scope_type,
        firsts.scope_key,
        firsts.matured_reached as matured_customers,
        steps.step,
        buckets.days_bucket
    from add_up as firsts
    cross join (
        {%- for step in range(1, last_step + 1) %}
        select {{ step }} as step{{ ' union all' if not loop.last }}
        {%- endfor %}
    ) as steps
    cross join (
        select 'all' as days_bucket
        {%- for days_bucket, _ in repeat_buckets() %}
        union all select '{{ days_bucket }}'
        {%- endfor %}
    ) as buckets
    where
        firsts.step = 1
        and firsts.days_bucket = 'all'
        and (steps.step > 1 or buckets.days_bucket = 'all')
),

count_rows as (
    select
        list_rows.*,
        {{ count_or_zero('here.customers') }} as customers,
        {{ count_or_zero('here.matured_reached') }} as matured_reached,
        {{ count_or_zero('whole.customers') }} as step_customers,
        case when list_rows.step > 1 then {{ count_or_zero('earlier.customers') }} end
            as previous_customers
    from list_rows
    left join add_up as here
        on
            list_rows.scope_type = here.scope_type
            and list_rows.scope_key = here.scope_key
            and list_rows.step = here.step
            and list_rows.days_bucket = here.days_bucket
    {%- for name, step in {'whole': 'list_rows.step', 'earlier': 'list_rows.step - 1'}.items() %}
    left join add_up as {{ name }}
        on
            list_rows.scope_type = {{ name }}.scope_type
            and list_rows.scope_key = {{ name }}.scope_key
            and {{ name }}.step = {{ step }}
            and {{ name }}.days_bucket = 'all'
    {%- endfor %}
),

final as (
    select
        scope_type,
        scope_key,
        cast(step as bigint) as step,
        days_bucket,
        customers,
        step_customers,
        previous_customers,
        cast(matured_customers as bigint) as matured_customers,
        matured_reached,
        case when days_bucket = 'all' then {{ ratio('matured_reached', 'matured_customers') }} end
            as reach_rate,
        case when days_bucket = 'all' then {{ ratio('customers', 'previous_customers') }} end
            as step_rate,
        {{ ratio('customers', 'step_customers') }} as bucket_share
    from count_rows
)

select * from final
