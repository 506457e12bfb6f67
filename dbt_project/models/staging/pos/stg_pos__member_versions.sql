{{ config(
    materialized='kept', prints='stg_arrival_prints', kept_by='member_id',
    touched='stg_touched_keys', touched_key='key_value',
    touched_where="table_name = 'raw_pos.members'"
) }}

with

counted_versions as (
    {{ counted_versions('raw_pos', 'members') }}
),

final as (
    select
        ---------- ids
        member_id,
        member_id_hash,
        home_store_id,

        ---------- strings
        company_hash,
        gender,
        postal_code,
        prefecture,
        occupation,
        tier,

        ---------- dates
        birth_date,
        {{ company_date('joined_at') }} as joined_date,
        {{ company_date('updated_at') }} as updated_date,

        ---------- instants
        updated_at

    from counted_versions
)

select * from final
