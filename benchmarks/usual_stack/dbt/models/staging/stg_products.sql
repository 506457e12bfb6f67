select
    product_id,
    name as product_name,
    category_1,
    category_2,
    category_3,
    try_cast(list_price as decimal(18, 2)) as list_price,
    try_cast(unit_cost as decimal(18, 2)) as unit_cost
from {{ source('raw_pos', 'products') }}
qualify row_number() over (partition by product_id order by file desc) = 1
