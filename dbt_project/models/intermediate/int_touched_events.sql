{{ config(materialized='table') }}

select distinct
    event_number,
    message_number
from {{ ref('int_event_prints') }}
where {{ is_news('int_event_prints') }}
