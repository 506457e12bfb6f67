{{ config(materialized='table') }}

select distinct customer_key
from {{ ref('int_journey_prints') }}
where {{ is_news('int_journey_prints') }}
