select
    record_id,
    source_system,
    source_id
from {{ source('identity', 'names') }}
