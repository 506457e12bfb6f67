{{ config(
    materialized='kept', prints='int_event_prints', touched='int_touched_events',
    touched_key='message_number', kept_by=message_number('message_id')
) }}

with

email_events as (
    select * from {{ ref('int_email_events') }}
    where
        {{ is_touched(message_number(), 'message_number', 'int_touched_events', 'int_event_prints') }}
),

-- An event without a campaign is a message of its own. A click tells of an open that nobody saw:
-- it counts as one, of a person or of a machine.
final as (
    select
        campaign_id,
        coalesce(campaign_id, event_id) as message_id,
        subscriber_id_hash,
        max(customer_key) as customer_key,
        max(campaign_channel) as channel,
        {%- for column, condition in {
            'delivered_at': "event_type = 'delivered'",
            'bounced_hard_at': "event_type = 'bounce_hard'",
            'bounced_soft_at': "event_type = 'bounce_soft'",
            'dropped_at': "event_type = 'dropped'",
            'human_open_at': "event_type in ('open', 'click') and not is_machine",
            'machine_open_at': "event_type in ('open', 'click') and is_machine",
            'click_at': "event_type = 'click' and not is_machine",
            'unsubscribed_at': "event_type = 'unsubscribe'",
            'complained_at': "event_type = 'complaint'",
        }.items() %}
        max(occurred_at) filter (where {{ condition }}) as {{ column }}
        {{- ',' }}
        {%- endfor %}
        min(occurred_at) filter (where event_type in ('open', 'click') and not is_machine)
            as first_human_open_at,
        min(occurred_at) filter (where event_type = 'click' and not is_machine) as first_click_at
    from email_events
    group by
        campaign_id,
        coalesce(campaign_id, event_id),
        subscriber_id_hash
)

select * from final
