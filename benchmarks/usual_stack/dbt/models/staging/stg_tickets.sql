select ticket_id, requester_id, channel, status, try_cast(created_at as timestamp) as created_at
from {{ source('raw_support', 'tickets') }}
qualify row_number() over (partition by ticket_id order by updated_at desc) = 1
