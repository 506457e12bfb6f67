with

winning_rows as (
    {{ winning_rows('raw_support', 'survey_invitations') }}
),

final as (
    select
        ---------- ids
        invitation_id,
        survey_id,
        requester_id,
        requester_id_hash,
        member_id,
        member_id_hash,

        ---------- strings
        wave,

        ---------- dates
        {{ company_date('invited_at') }} as invited_date,

        ---------- instants
        invited_at

    from winning_rows
)

select * from final
