with

links as (
    select * from {{ ref('int_customer_links') }}
),

anchors as (
    select * from {{ ref('int_customer_anchors') }}
),

records as (
    select * from {{ ref('int_identity_records') }}
),

clusters as (
    select * from {{ ref('int_identity_partition') }}
),

names as (
    select * from {{ ref('int_identity_names') }}
),

current_spells as (
    select
        records.source_system,
        records.source_id,
        links.link_number,
        anchors.customer_key,
        clusters.match_rule,
        cast(clusters.match_evidence as {{ dbt.type_string() }}) as match_evidence_hash,
        clusters.confidence,
        links.linked_on,
        links.unlinked_on,
        records.is_in_master
    from links
    inner join anchors on links.minted_number = anchors.minted_number
    inner join records on links.record_id = records.record_id
    inner join clusters on links.record_id = clusters.record_id
    where links.unlinked_on is null
),

past_spells as (
    select
        names.source_system,
        names.source_id,
        links.link_number,
        anchors.customer_key,
        links.linked_on,
        links.unlinked_on
    from links
    inner join anchors on links.minted_number = anchors.minted_number
    inner join names on links.record_id = names.record_id
    where links.unlinked_on is not null
)

select
    source_system,
    source_id,
    link_number,
    customer_key,
    match_rule,
    match_evidence_hash,
    confidence,
    linked_on,
    unlinked_on,
    true as is_current,
    is_in_master
from current_spells
union all
select
    source_system,
    source_id,
    link_number,
    customer_key,
    cast(null as {{ dbt.type_string() }}),
    cast(null as {{ dbt.type_string() }}),
    cast(null as double),
    linked_on,
    unlinked_on,
    false,
    cast(null as boolean)
from past_spells
