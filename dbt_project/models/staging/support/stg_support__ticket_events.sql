{{ config(
    materialized='kept', prints='stg_arrival_prints', kept_by='ticket_event_id',
    touched='stg_touched_keys', touched_key='key_value',
    touched_where="table_name = 'raw_support.ticket_events'"
) }}

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
