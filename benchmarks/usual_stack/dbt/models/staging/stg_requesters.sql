select requester_id, nullif(member_id, '') as member_id, lower(trim(email)) as email
from {{ source('raw_support', 'requesters') }}
qualify row_number() over (partition by requester_id order by updated_at desc) = 1
