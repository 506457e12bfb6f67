with

kpi_days as (
    select * from {{ ref('int_kpi_days') }}
)

select
    kpi,
    business_date,
    scope_type,
    scope_key,
    numerator,
    denominator,
    value,
    is_final
from kpi_days
