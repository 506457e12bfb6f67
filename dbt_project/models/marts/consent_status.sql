with

consents as (
    select * from {{ ref('int_customer_consents') }}
)

select
    customer_key,
    purpose,
    channel,
    is_granted,
    changed_at,
    consent_source,
    wording_version
from consents
