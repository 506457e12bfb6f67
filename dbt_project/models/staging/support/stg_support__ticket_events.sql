with

winning_rows as (
    {{ winning_rows('raw_support', 'ticket_events') }}
),

final as (
    select
        ---------- ids
        ticket_event_id,
        ticket_id,

        ---------- strings
        field,
        old_value,
        new_value,
        actor_type,

        ---------- dates
        {{ company_date('occurred_at') }} as occurred_date,

        ---------- instants
        occurred_at

    from winning_rows
)

select * from final
