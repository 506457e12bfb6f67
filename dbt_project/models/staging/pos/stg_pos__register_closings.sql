with

winning_rows as (
    {{ winning_rows('raw_pos', 'register_closings') }}
),

final as (
    select
        ---------- ids
        store_id,
        register_id,

        ---------- numerics
        receipt_count,
        sales_inc_tax,
        returns_inc_tax,

        ---------- dates
        business_date

    from winning_rows
)

select * from final
