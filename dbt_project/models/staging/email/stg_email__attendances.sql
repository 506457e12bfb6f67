with

winning_rows as (
    {{ winning_rows('raw_email', 'attendances') }}
),

final as (
    select
        ---------- ids
        attendance_id,
        campaign_id,
        subscriber_id,
        subscriber_id_hash,
        member_id,
        member_id_hash,
        store_id,

        ---------- strings
        action,

        ---------- dates
        {{ company_date('occurred_at') }} as action_date,

        ---------- instants
        occurred_at

    from winning_rows
)

select * from final
