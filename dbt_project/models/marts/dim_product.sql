with

products as (
    select * from {{ ref('int_products') }}
),

sales_lines as (
    select * from {{ ref('fct_sales_line') }}
),

-- A new product sells before the master arrives; what is known of it is what the tax and item rules
-- of its lines assumed.
infer_products as (
    select distinct sales_lines.product_id
    from sales_lines
    left join products on sales_lines.product_id = products.product_id
    where sales_lines.product_id is not null and products.product_id is null
),

final as (
    select
        product_id,
        product_name,
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
        membership_months,
        false as is_inferred
    from products
    union all
    select
        product_id,
        product_id as product_name,
        null as category_1,
        null as category_2,
        null as category_3,
        cast(null as decimal(18, 6)) as list_price,
        cast(null as decimal(18, 6)) as unit_cost,
        cast(null as decimal(7, 4)) as tax_rate,
        true as is_merchandise,
        cast(null as boolean) as is_active,
        cast(null as boolean) as is_replenishable,
        cast(null as boolean) as is_sample,
        cast(null as bigint) as membership_months,
        true as is_inferred
    from infer_products
)

select * from final
