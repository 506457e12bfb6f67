{#- What counts as a touch: channel of the campaign, kinds of events. E-mails alone tell of opens. -#}
{%- set touches = {
    'email': "('click', 'open')",
    'line': "('click')",
    'sms': "('click')",
} -%}

with

events as (
    select * from {{ ref('int_email_events') }}
    where
        event_type in ('click', 'open')
        and not is_machine
        and campaign_id is not null
        and customer_key is not null
),

attendances as (
    select * from {{ ref('int_event_attendances') }}
    where action = 'attended' and customer_key is not null
),

find_touches as (
    {%- for channel, event_types in touches.items() %}
    select
        campaign_id,
        customer_key,
        subscriber_id_hash as entry_id,
        event_type as touch_type,
        occurred_at as touched_at,
        {{ var('attribution_hours_' ~ channel) }} as window_hours,
        {{ add_hours('occurred_at', var('attribution_hours_' ~ channel)) }} as ends_at
    from events
    where campaign_channel = '{{ channel }}' and event_type in {{ event_types }}
    union all
    {%- endfor %}
    select
        campaign_id,
        customer_key,
        entry_id,
        'attendance',
        occurred_at,
        {{ var('attribution_hours_event') }},
        {{ add_hours('occurred_at', var('attribution_hours_event')) }}
    from attendances
),

final as (
    select
        campaign_id,
        customer_key,
        entry_id,
        touch_type,
        case touch_type when 'click' then 1 when 'open' then 2 else 3 end as touch_rank,
        touched_at,
        window_hours,
        ends_at
    from find_touches
)

select * from final
