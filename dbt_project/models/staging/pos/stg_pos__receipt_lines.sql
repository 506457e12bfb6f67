{{ config(
    materialized='kept', prints='stg_arrival_prints', kept_by='receipt_id',
    touched='stg_touched_keys', touched_key='key_value',
    touched_where="table_name = 'raw_pos.receipt_lines'"
) }}

with

winning_rows as (
    {{ winning_rows('raw_pos', 'receipt_lines') }}
),

final as (
    select
        ---------- ids
        receipt_id,
        line_no,
        product_id,
        original_line_no,

        ---------- strings
        line_type,

        ---------- numerics
        quantity,
        unit_price,
        line_amount,
        list_price,
        discount_amount,
        tax_rate,
        tax_amount,

        ---------- booleans
        coalesce(tax_included, true) as tax_included

    from winning_rows
)

select * from final
