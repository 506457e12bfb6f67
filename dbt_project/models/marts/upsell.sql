with

-- Numbers stand for keys up to the last step: they sort and count several times as fast.
products as (
    select
        *,
        row_number() over (order by product_id asc nulls last) as product_number
    from {{ ref('dim_product') }}
),

orders as (
    select * from {{ ref('fct_sales_receipt') }}
    where is_qualifying and customer_key is not null
),

customers as (
    select
        customer_key,
        row_number() over (order by customer_key asc nulls last) as customer_number
    from (select distinct customer_key from orders) as buyers
),

receipts as (
    select
        orders.receipt_id,
        orders.business_date,
        orders.closed_at,
        customers.customer_number
    from orders
    inner join customers on orders.customer_key = customers.customer_key
),

sales_lines as (
    select * from {{ ref('fct_sales_line') }}
    where is_merchandise and order_receipt_id is not null and not is_internal
),

sold_lines as (
    select * from sales_lines where not is_return
),

dates as (
    select * from {{ ref('dim_date') }}
),

tiers as (
    {{ price_tiers('sold_lines', 'products', 'dates') }}
),

number_categories as (
    select
        category,
        row_number() over (order by category asc nulls last) as category_number
    from (select distinct category from tiers) as categories
),

number_tiers as (
    select
        products.product_number,
        tiers.month_start,
        number_categories.category_number,
        tiers.tier
    from tiers
    inner join products on tiers.product_id = products.product_id
    inner join number_categories on tiers.category = number_categories.category
),

kept_goods as (
    {{ kept_goods('sales_lines', 'receipts', 'products') }}
),

sum_days as (
    select
        kept_goods.customer_number,
        number_tiers.category_number,
        kept_goods.business_date,
        sum(number_tiers.tier) as tiers,
        count(*) as goods
    from kept_goods
    inner join number_tiers
        on
            kept_goods.product_number = number_tiers.product_number
            and cast(date_trunc('month', kept_goods.business_date) as date)
            = number_tiers.month_start
    group by kept_goods.customer_number, number_tiers.category_number, kept_goods.business_date
),

number_days as (
    select
        *,
        row_number() over (
            partition by customer_number, category_number order by business_date asc nulls last
        ) as day_number,
        count(*) over (partition by customer_number, category_number) as n_days
    from sum_days
),

compare_ends as (
    select
        customer_number,
        category_number,
        count(*) as n_purchase_days,
        min(business_date) as first_purchase_date,
        max(business_date) as latest_purchase_date,
        {%- for end, condition in {
            'first': 'day_number <= ' ~ upsell_days(),
            'latest': 'day_number > n_days - ' ~ upsell_days()
        }.items() %}
        {{ ratio(
            'sum(tiers) filter (where ' ~ condition ~ ')',
            'sum(goods) filter (where ' ~ condition ~ ')'
        ) }} as {{ end }}_tier{{ ',' if not loop.last }}
        {%- endfor %}
    from number_days
    where n_days >= 2 * {{ upsell_days() }}
    group by customer_number, category_number
),

measure_change as (
    select
        *,
        round(latest_tier - first_tier, 9) as tier_change
    from compare_ends
),

final as (
    select
        customers.customer_key,
        number_categories.category,
        cast(n_purchase_days as bigint) as n_purchase_days,
        first_purchase_date,
        latest_purchase_date,
        first_tier,
        latest_tier,
        tier_change,
        case
            when tier_change >= {{ upsell_step() }} then 'up'
            when tier_change <= -{{ upsell_step() }} then 'down'
            else 'same'
        end as direction,
        tier_change >= {{ upsell_step() }} as upsell_flag
    from measure_change
    inner join customers on measure_change.customer_number = customers.customer_number
    inner join number_categories
        on measure_change.category_number = number_categories.category_number
)

select * from final
