with

email_events as (
    select * from {{ ref('int_email_events') }}
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
