{{ config(
    materialized='kept', prints='stg_arrival_prints', kept_by='receipt_id',
    touched='stg_touched_keys', touched_key='key_value',
    touched_where="table_name = 'raw_pos.payments'"
) }}

with

winning_rows as (
    {{ winning_rows('raw_pos', 'payments') }}
),

final as (
    select
        ---------- ids
        receipt_id,
        payment_no,

        ---------- strings
        method,

        ---------- numerics
        amount

    from winning_rows
)

select * from final
