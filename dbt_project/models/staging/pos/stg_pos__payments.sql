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
