select
    change_number,
    changed_on,
    change_type,
    old_customer_key,
    new_customer_key,
    n_records
from {{ ref('int_customer_key_changes') }}
