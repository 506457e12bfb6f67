with

winning_rows as (
    {{ winning_rows('raw_support', 'chat_links') }}
),

final as (
    select
        ---------- ids
        link_id,
        line_user_id_hash,
        member_id,
        member_id_hash,

        ---------- identity keys
        line_key,

        ---------- strings
        action,

        ---------- dates
        {{ company_date('occurred_at') }} as occurred_date,

        ---------- instants
        occurred_at

    from winning_rows
)

select * from final
