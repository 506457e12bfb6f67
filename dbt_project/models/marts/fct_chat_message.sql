with

messages as (
    select * from {{ ref('int_chat_messages') }}
)

select
    message_id,
    ticket_id,
    customer_key,
    author_type,
    agent_id,
    is_public,
    intent,
    created_at,
    created_date,
    cast(message_no as bigint) as message_no,
    cast(seconds_since_previous as bigint) as seconds_since_previous
from messages
