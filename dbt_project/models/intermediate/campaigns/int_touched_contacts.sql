{{ config(materialized='table') }}

with

-- What an entry was called before is among its versions too.
contacts_of_entries as (
    select {{ contact_key('versions') }} as contact_key
    from {{ ref('int_contact_prints') }} as versions
    where entry_number in (select entry_number from {{ ref('int_touched_entries') }})
),

-- Why an entry got nothing depends on other messages to its address: these few are always worked out.
suppressed_contacts as (
    select contact_key from {{ ref('int_campaign_recipients') }}
    where {{ is_suppressed() }}
),

final as (
    select contact_key from contacts_of_entries
    union
    select contact_key from suppressed_contacts
)

select * from final
