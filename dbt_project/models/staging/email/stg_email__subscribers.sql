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
