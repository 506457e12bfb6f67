select subscriber_id, nullif(member_id, '') as member_id, lower(trim(email)) as email, status
from {{ source('raw_email', 'subscribers') }}
qualify row_number() over (partition by subscriber_id order by updated_at desc) = 1
