{{ config(
    materialized='kept', prints='stg_arrival_prints', kept_by='ticket_id',
    touched='stg_touched_keys', touched_key='key_value',
    touched_where="table_name = 'raw_support.tickets'"
) }}

with

winning_rows as (
    {{ winning_rows('raw_support', 'tickets') }}
),

final as (
    select
        ---------- ids
        ticket_id,
        requester_id,
        requester_id_hash,
        assignee_id,
        group_id,
        merged_into_ticket_id,
        store_id,
        related_receipt_id,

        ---------- strings
        channel,
        type,
        topic,
        priority,
        status,

        ---------- dates
        {{ company_date('created_at') }} as created_date,

        ---------- instants
        created_at,
        updated_at

    from winning_rows
)

select * from final
