select store_id, name as store_name, channel, prefecture
from {{ source('raw_pos', 'stores') }}
qualify row_number() over (partition by store_id order by file desc) = 1
