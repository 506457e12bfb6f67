with

winning_rows as (
    {{ winning_rows('raw_pos', 'products') }}
),

final as (
    select
        ---------- ids
        product_id,

        ---------- strings
        name,
        category_1,
        category_2,
        category_3,

        ---------- numerics
        list_price,
        unit_cost,
        tax_rate,
        membership_months,

        ---------- booleans
        coalesce(is_merchandise, true) as is_merchandise,
        is_active,
        is_replenishable,
        is_sample

    from winning_rows
)

select * from final
