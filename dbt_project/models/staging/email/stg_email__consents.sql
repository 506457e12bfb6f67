with

winning_rows as (
    {{ winning_rows('raw_email', 'consents') }}
),

final as (
    select
        ---------- ids
        consent_id,
        subscriber_id,
        subscriber_id_hash,

        ---------- strings
        purpose,
        channel,
        action,
        source,
        wording_version,

        ---------- dates
        {{ company_date('occurred_at') }} as occurred_date,

        ---------- instants
        occurred_at

    from winning_rows
)

select * from final
