select campaign_id, name as campaign_name, channel, try_cast(sent_at as timestamp) as sent_at
from {{ source('raw_email', 'campaigns') }}
qualify row_number() over (partition by campaign_id order by file desc) = 1
