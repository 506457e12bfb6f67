{{ config(materialized='table') }}

select
    records.source_system,
    records.source_id,
    anchors.customer_key,
    clusters.match_rule,
    clusters.confidence,
    records.is_in_master
from {{ ref('int_customer_links') }} as links
inner join {{ ref('int_customer_anchors') }} as anchors
    on links.minted_number = anchors.minted_number
inner join {{ ref('int_identity_partition') }} as clusters
    on links.record_id = clusters.record_id
inner join {{ ref('int_identity_records') }} as records
    on links.record_id = records.record_id
where links.unlinked_on is null
