{{ config(
    materialized='kept', prints='stg_arrival_prints', kept_by='campaign_id',
    touched='stg_touched_keys', touched_key='key_value',
    touched_where="table_name = 'raw_email.contacts'"
) }}

with

winning_rows as (
    {{ winning_rows('raw_email', 'contacts') }}
),

final as (
    select
        ---------- ids
        campaign_id,
        subscriber_id,
        subscriber_id_hash,
        member_id,
        member_id_hash,

        ---------- strings
        variant,

        ---------- booleans
        coalesce(is_holdout, false) as is_holdout,

        ---------- dates
        {{ company_date('sent_at') }} as sent_date,

        ---------- instants
        sent_at

    from winning_rows
)

select * from final
