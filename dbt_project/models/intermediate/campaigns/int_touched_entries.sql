{{ config(materialized='table') }}

select distinct entry_number
from {{ ref('int_contact_prints') }}
where {{ is_news('int_contact_prints') }}
