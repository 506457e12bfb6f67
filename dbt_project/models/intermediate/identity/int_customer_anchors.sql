{{ config(materialized='table') }}

-- One row a customer key that was ever given, with the record that it lives with. The key of a
-- person is the oldest one whose anchor is among the person's records; a person without any gets
-- a new one, named after the oldest record. Nothing is reused; an anchor that left the sources
-- hands its key to the oldest record that was still linked to it.

with

records as (
    select * from {{ ref('int_identity_records') }}
),

clusters as (
    select * from {{ ref('int_identity_partition') }}
),

anchors_before as (
    select * from {{ source('identity', 'customer_anchors') }}
),

links_before as (
    select * from {{ source('identity', 'customer_links') }}
    where unlinked_on is null
),

orphaned_keys as (
    select anchors_before.minted_number
    from anchors_before
    left join records on anchors_before.record_id = records.record_id
    where records.record_id is null
),

heirs as (
    select
        orphaned_keys.minted_number,
        records.record_id
    from orphaned_keys
    inner join links_before on orphaned_keys.minted_number = links_before.minted_number
    inner join records on links_before.record_id = records.record_id
    qualify row_number() over (
        partition by orphaned_keys.minted_number
        order by {{ oldest_record_first('records') }}
    ) = 1
),

known_anchors as (
    select
        anchors_before.customer_key,
        coalesce(heirs.record_id, anchors_before.record_id) as record_id,
        anchors_before.minted_number,
        anchors_before.minted_on
    from anchors_before
    left join heirs on anchors_before.minted_number = heirs.minted_number
),

anchored_clusters as (
    select distinct clusters.component
    from clusters
    inner join known_anchors on clusters.record_id = known_anchors.record_id
),

oldest_records as (
    select records.*
    from clusters
    left join anchored_clusters on clusters.component = anchored_clusters.component
    inner join records on clusters.record_id = records.record_id
    where anchored_clusters.component is null
    qualify row_number() over (
        partition by clusters.component
        order by {{ oldest_record_first('records') }}
    ) = 1
),

numbered as (
    select
        record_id,
        source_id,
        coalesce((select max(minted_number) from anchors_before), 0)
        + row_number() over (order by {{ oldest_record_first('oldest_records') }})
            as minted_number
    from oldest_records
),

-- A record may return after its key went to an heir: it must not take that key back.
minted as (
    select
        case
            when anchors_before.customer_key is null then 'c' || substr(numbered.source_id, 1, 24)
            else
                'c' || substr(md5(
                    numbered.source_id || cast(
                        numbered.minted_number as {{ dbt.type_string() }}
                    )
                ), 1, 24)
        end as customer_key,
        numbered.record_id,
        cast(numbered.minted_number as bigint) as minted_number,
        cast({{ as_of_date() }} as date) as minted_on
    from numbered
    left join anchors_before
        on 'c' || substr(numbered.source_id, 1, 24) = anchors_before.customer_key
)

select * from known_anchors
union all
select * from minted
