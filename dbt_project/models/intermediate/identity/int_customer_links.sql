{{ config(materialized='table') }}

-- One row a record and the spell of time in which it belonged to a customer. A spell ends when the
-- record's customer changes or the record leaves the sources, and is kept for ever. On an older
-- date some records of today are not there yet: such a spell ends on the day it began. The customer
-- stands here by the number of its key, which int_customer_anchors resolves.

with

clusters as (
    select * from {{ ref('int_identity_partition') }}
),

anchors as (
    select * from {{ ref('int_customer_anchors') }}
),

spells_before as (
    select * from {{ source('identity', 'customer_links') }}
),

open_spells_before as (
    select * from spells_before
    where unlinked_on is null
),

keys_of_clusters as (
    select
        clusters.component,
        min(anchors.minted_number) as minted_number
    from clusters
    inner join anchors on clusters.record_id = anchors.record_id
    group by clusters.component
),

current_keys as (
    select
        clusters.record_id,
        keys_of_clusters.minted_number
    from clusters
    inner join keys_of_clusters on clusters.component = keys_of_clusters.component
),

last_numbers as (
    select
        record_id,
        max(link_number) as link_number
    from spells_before
    group by record_id
)

select
    record_id,
    link_number,
    minted_number,
    linked_on,
    unlinked_on
from spells_before
where unlinked_on is not null
union all
select
    open_spells_before.record_id,
    open_spells_before.link_number,
    open_spells_before.minted_number,
    open_spells_before.linked_on,
    case
        when
            current_keys.minted_number is null
            or current_keys.minted_number <> open_spells_before.minted_number
            then greatest({{ as_of_date() }}, open_spells_before.linked_on)
    end as unlinked_on
from open_spells_before
left join current_keys on open_spells_before.record_id = current_keys.record_id
union all
select
    current_keys.record_id,
    coalesce(last_numbers.link_number, 0) + 1 as link_number,
    current_keys.minted_number,
    cast({{ as_of_date() }} as date) as linked_on,
    cast(null as date) as unlinked_on
from current_keys
left join open_spells_before on current_keys.record_id = open_spells_before.record_id
left join last_numbers on current_keys.record_id = last_numbers.record_id
where
    open_spells_before.record_id is null
    or open_spells_before.minted_number <> current_keys.minted_number
