with

winning_rows as (
    {{ winning_rows('raw_support', 'requesters') }}
),

final as (
    select
        ---------- ids
        requester_id,
        requester_id_hash,
        line_user_id_hash,
        member_id,
        member_id_hash,

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

        ---------- strings
        name_hash,
        name_kana_hash,
        name_romaji_hash,
        email_hash,
        phone_hash,
        company_hash,

        ---------- instants
        updated_at

    from winning_rows
)

select * from final
