select
    event_id,
    event_type,
    campaign_id,
    subscriber_id,
    try_cast(occurred_at as timestamp) as occurred_at
from {{ source('raw_email', 'events') }}
where is_machine <> 'true'
