{{ config(materialized='table') }}

-- One row a record that is new, changed or gone since the last green run, in what identity
-- compares of it.

{% set evidence = identity_evidence() %}

with

records as (
    select * from {{ ref('int_identity_records') }}
),

records_before as (
    select * from {{ source('identity', 'records') }}
    {% if not identity_is_incremental() %}where false{% endif %}
)

select
    coalesce(records.record_id, records_before.record_id) as record_id,
    records.record_id is not null as is_now,
    records_before.record_id is not null as was_before
from records
full outer join records_before on records.record_id = records_before.record_id
where
    records.record_id is null
    or records_before.record_id is null
    {%- for column in evidence %}
    or records.{{ column }} is distinct from records_before.{{ column }}
    {%- endfor %}
