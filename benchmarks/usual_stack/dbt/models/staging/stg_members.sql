select
    member_id,
    name,
    lower(trim(email)) as email,
    phone,
    try_cast(birth_date as date) as birth_date,
    gender,
    prefecture,
    city,
    tier,
    home_store_id,
    try_cast(joined_at as timestamp) as joined_at,
    try_cast(left_at as timestamp) as left_at
from {{ source('raw_pos', 'members') }}
where is_internal = '一般'
qualify row_number() over (partition by member_id order by updated_at desc) = 1
