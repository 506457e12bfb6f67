{{ config(materialized='table') }}

-- Records whose links must be worked out again: those that are new or changed, those that share a
-- key with a new, changed or vanished record (the key may have become shared, or blocked), and
-- everybody in the clusters of these as they stood before conflicts were split.

with

records as (
    select * from {{ ref('int_identity_records') }}
),

identity_keys as (
    select * from {{ ref('int_identity_keys') }}
),

news as (
    select * from {{ ref('int_identity_news') }}
),

clusters_before as (
    select * from {{ source('identity', 'clusters') }}
    {% if not identity_is_incremental() %}where false{% endif %}
),

changed as (
    select records.record_id, records.member_record_id
    from records
    inner join news on records.record_id = news.record_id
),

-- What a record was before counts as well: a key that it gave up may join others now.
superseded as (
    select records_before.*
    from {{ source('identity', 'records') }} as records_before
    inner join news on records_before.record_id = news.record_id
    where news.was_before
),

keys_of_superseded as (
    {{ identity_keys('superseded') }}
),

touched_keys as (
    select
        key_kind,
        key_value,
        key_other,
        count(*) filter (where is_now) as n_now,
        count(*) filter (where not is_now) as n_before
    from (
        select identity_keys.*, true as is_now
        from identity_keys
        inner join changed on identity_keys.record_id = changed.record_id
        union all
        select *, false from keys_of_superseded
    ) as keys_of_news
    group by key_kind, key_value, key_other
),

-- A key that was blocked and stays blocked touches nobody, or each night would touch everybody
-- who ever gave the shop's own number. Before: today's records, less the new, plus the old.
effective_keys as (
    select
        touched_keys.key_kind,
        touched_keys.key_value,
        touched_keys.key_other
    from touched_keys
    left join {{ ref('int_identity_key_uses') }} as uses
        on
            touched_keys.key_kind = uses.key_kind
            and touched_keys.key_value = uses.key_value
            and touched_keys.key_other = uses.key_other
    where
        least(
            coalesce(uses.n_records, 1),
            coalesce(uses.n_records, 1) - touched_keys.n_now + touched_keys.n_before
        ) <= {{ var('identity_max_records_per_key') }}
),

touched_directly as (
    select record_id from changed
    union
    select identity_keys.record_id
    from identity_keys
    inner join effective_keys
        on
            identity_keys.key_kind = effective_keys.key_kind
            and identity_keys.key_value = effective_keys.key_value
            and identity_keys.key_other = effective_keys.key_other
    union
    -- The member that a record names, and the records that name a member.
    select member_record_id from changed where member_record_id is not null
    union
    select records.record_id
    from records
    inner join changed on records.member_record_id = changed.record_id
),

touched_clusters as (
    select clusters_before.loose_component
    from clusters_before
    inner join touched_directly on clusters_before.record_id = touched_directly.record_id
    union
    select clusters_before.loose_component
    from clusters_before
    inner join superseded on clusters_before.record_id = superseded.record_id
),

final as (
    select record_id from touched_directly
    union
    select clusters_before.record_id
    from clusters_before
    inner join touched_clusters
        on clusters_before.loose_component = touched_clusters.loose_component
)

select final.record_id
from final
inner join records on final.record_id = records.record_id
