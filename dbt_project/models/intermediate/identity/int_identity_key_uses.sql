{{ config(materialized='table') }}

-- Keys that stand on more than one record. Blocked ones join nobody; shared ones (their records
-- show two birth dates or two given names: a family's telephone) join no record without a name.

with

identity_keys as (
    select * from {{ ref('int_identity_keys') }}
),

records as (
    select * from {{ ref('int_identity_records') }}
),

repeated_keys as (
    select
        key_kind,
        key_value,
        key_other,
        count(*) as n_records
    from identity_keys
    group by key_kind, key_value, key_other
    having count(*) > 1
),

-- Only e-mail addresses and telephones are asked whether they are shared.
contact_keys as (
    select
        repeated_keys.key_kind,
        repeated_keys.key_value,
        min(records.birth_date) < max(records.birth_date)
        or min(records.given_name_key) < max(records.given_name_key)
        or min(records.given_kana_key) < max(records.given_kana_key)
        or min(records.given_romaji_key) < max(records.given_romaji_key) as is_shared
    from repeated_keys
    inner join identity_keys
        on
            repeated_keys.key_kind = identity_keys.key_kind
            and repeated_keys.key_value = identity_keys.key_value
    inner join records on identity_keys.record_id = records.record_id
    where
        repeated_keys.key_kind in (2, 3)
        and repeated_keys.n_records <= {{ var('identity_max_records_per_key') }}
    group by repeated_keys.key_kind, repeated_keys.key_value
)

select
    repeated_keys.key_kind,
    repeated_keys.key_value,
    repeated_keys.key_other,
    repeated_keys.n_records,
    repeated_keys.n_records > {{ var('identity_max_records_per_key') }} as is_blocked,
    coalesce(contact_keys.is_shared, false) as is_shared
from repeated_keys
left join contact_keys
    on
        repeated_keys.key_kind = contact_keys.key_kind
        and repeated_keys.key_value = contact_keys.key_value
