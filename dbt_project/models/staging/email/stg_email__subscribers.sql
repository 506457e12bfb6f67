with

winning_rows as (
    {{ winning_rows('raw_email', 'subscribers') }}
),

final as (
    select
        ---------- ids
        subscriber_id,
        subscriber_id_hash,
        member_id,
        member_id_hash,

        ---------- identity keys
        email_key,
        full_name_key,
        family_name_key,
        given_name_key,
        full_kana_key,
        given_kana_key,
        full_romaji_key,
        given_romaji_key,

        ---------- strings
        status,
        email_hash,
        name_hash,
        consent_source,

        ---------- instants
        email_verified_at,
        consented_at,
        updated_at

    from winning_rows
)

select * from final
