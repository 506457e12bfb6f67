{{ config(
    materialized='kept', prints='stg_arrival_prints', kept_by='member_id',
    touched='stg_touched_keys', touched_key='key_value',
    touched_where="table_name = 'raw_pos.members'"
) }}

with

winning_rows as (
    {{ winning_rows('raw_pos', 'members') }}
),

final as (
    select
        ---------- ids
        member_id,
        member_id_hash,
        line_user_id_hash,
        app_user_id_hash,
        home_store_id,
        referred_by_member_id,
        referred_by_member_id_hash,

        ---------- identity keys
        email_key,
        phone_key,
        line_key,
        full_name_key,
        family_name_key,
        given_name_key,
        full_kana_key,
        given_kana_key,
        full_romaji_key,
        given_romaji_key,
        address_key,

        ---------- strings
        card_number_hash,
        family_name_hash,
        given_name_hash,
        name_hash,
        family_kana_hash,
        given_kana_hash,
        name_kana_hash,
        name_romaji_hash,
        company_hash,
        email_hash,
        phone_hash,
        gender,
        postal_code,
        prefecture,
        city,
        address_hash,
        occupation,
        tier,

        ---------- booleans
        coalesce(is_internal, false) as is_internal,

        ---------- dates
        birth_date,
        {{ company_date('joined_at') }} as joined_date,
        {{ company_date('left_at') }} as left_date,

        ---------- instants
        joined_at,
        left_at,
        updated_at

    from winning_rows
)

select * from final
