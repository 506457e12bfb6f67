{{ config(
    materialized='kept', prints='stg_arrival_prints', kept_by='receipt_id',
    touched='stg_touched_keys', touched_key='key_value',
    touched_where="table_name = 'raw_pos.receipts'"
) }}

with

stores as (
    select * from {{ ref('stg_pos__stores') }}
),

winning_rows as (
    {{ winning_rows('raw_pos', 'receipts') }}
),

final as (
    select
        ---------- ids
        winning_rows.receipt_id,
        winning_rows.store_id,
        winning_rows.register_id,
        winning_rows.staff_id,
        winning_rows.member_id,
        winning_rows.member_id_hash,
        winning_rows.original_receipt_id,

        ---------- strings
        winning_rows.receipt_type,
        coalesce(
            winning_rows.currency, stores.currency, '{{ var("company_currency") }}'
        ) as currency,

        ---------- numerics
        winning_rows.customer_count,
        winning_rows.total_inc_tax,
        winning_rows.tax_total,
        winning_rows.discount_total,
        winning_rows.points_used,
        winning_rows.points_earned,

        ---------- dates
        coalesce(
            winning_rows.business_date,
            {{ local_date(
                'winning_rows.closed_at',
                "coalesce(stores.timezone, '" ~ var('company_timezone') ~ "')",
                'coalesce(stores.day_cutover_hour, 0)'
            ) }}
        ) as business_date,

        ---------- instants
        winning_rows.closed_at,
        winning_rows.updated_at

    from winning_rows
    left join stores on winning_rows.store_id = stores.store_id
)

select * from final
