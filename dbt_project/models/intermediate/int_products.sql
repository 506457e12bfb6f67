with

products as (
    select * from {{ ref('stg_pos__products') }}
),

final as (
    select
        product_id,
        name as product_name,
        category_1,
        category_2,
        category_3,
        list_price,
        unit_cost,
        tax_rate,
        is_merchandise,
        is_active,
        is_replenishable,
        is_sample,
        membership_months
    from products
)

select * from final
