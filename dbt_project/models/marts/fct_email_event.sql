{{ config(
    materialized='kept', prints='int_event_prints', touched='int_touched_events',
    touched_key='event_number', kept_by=event_number()
) }}

with

email_events as (
    select * from {{ ref('int_email_events') }}
    where
        {{ is_touched(event_number(), 'event_number', 'int_touched_events', 'int_event_prints') }}
)

select
    event_id,
    campaign_id,
    customer_key,
    event_type,
    occurred_at,
    event_date,
    is_machine,
    is_human_open
from email_events
