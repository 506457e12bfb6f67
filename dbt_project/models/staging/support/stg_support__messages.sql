{{ config(
    materialized='kept', prints='stg_arrival_prints', kept_by='message_id',
    touched='stg_touched_keys', touched_key='key_value',
    touched_where="table_name = 'raw_support.messages'"
) }}

with

winning_rows as (
    {{ winning_rows('raw_support', 'messages') }}
),

final as (
    select
        ---------- ids
        message_id,
        ticket_id,
        author_id,
        author_id_hash,

        ---------- strings
        author_type,
        intent,
        body_hash,

        ---------- booleans
        is_public,

        ---------- dates
        {{ company_date('created_at') }} as created_date,

        ---------- instants
        created_at

    from winning_rows
)

select * from final
