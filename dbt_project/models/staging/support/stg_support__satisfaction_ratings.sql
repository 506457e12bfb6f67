with

winning_rows as (
    {{ winning_rows('raw_support', 'satisfaction_ratings') }}
),

final as (
    select
        ---------- ids
        rating_id,
        ticket_id,

        ---------- strings
        comment_hash,

        ---------- numerics
        score,

        ---------- dates
        {{ company_date('offered_at') }} as offered_date,
        {{ company_date('rated_at') }} as rated_date,

        ---------- instants
        offered_at,
        rated_at

    from winning_rows
)

select * from final
