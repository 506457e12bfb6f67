{{ config(
    materialized='kept', prints='stg_arrival_prints', kept_by='event_id',
    touched='stg_touched_keys', touched_key='key_value',
    touched_where="table_name = 'raw_email.events'"
) }}

with

winning_rows as (
    {{ winning_rows('raw_email', 'events') }}
),

final as (
    select
        ---------- ids
        event_id,
        subscriber_id,
        subscriber_id_hash,
        campaign_id,

        ---------- strings
        event_type,
        user_agent,
        url_hash,

        ---------- booleans
        coalesce(is_machine, false) as is_machine,

        ---------- dates
        {{ company_date('occurred_at') }} as event_date,

        ---------- instants
        occurred_at

    from winning_rows
)

select * from final
