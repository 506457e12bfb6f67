with

winning_rows as (
    {{ winning_rows('raw_pos', 'staff') }}
),

final as (
    select
        ---------- ids
        staff_id,
        store_id,

        ---------- strings
        name_hash,

        ---------- booleans
        is_active

    from winning_rows
)

select * from final
