with

winning_rows as (
    {{ winning_rows('raw_support', 'survey_responses') }}
),

final as (
    select
        ---------- ids
        response_id,
        survey_id,
        requester_id,
        requester_id_hash,
        member_id,
        member_id_hash,

        ---------- strings
        wave,
        question_code,
        email_hash,
        comment_hash,

        ---------- numerics
        score,

        ---------- dates
        {{ company_date('responded_at') }} as responded_date,

        ---------- instants
        responded_at

    from winning_rows
)

select * from final
