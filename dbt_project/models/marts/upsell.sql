with

products as (
    select * from {{ ref('dim_product') }}
),

receipts as (
    select * from {{ ref('fct_sales_receipt') }}
    where is_qualifying and customer_key is not null
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

kept_goods as (
    {{ kept_goods('sales_lines', 'receipts') }}
),

sum_days as (
    select
        kept_goods.customer_key,
        tiers.category,
        kept_goods.business_date,
        sum(tiers.tier) as tiers,
        count(*) as goods
    from kept_goods
    inner join tiers
        on
            kept_goods.product_id = tiers.product_id
            and cast(date_trunc('month', kept_goods.business_date) as date) = tiers.month_start
    group by kept_goods.customer_key, tiers.category, kept_goods.business_date
),

number_days as (
    select
        *,
        row_number() over (
            partition by customer_key, category order by business_date asc nulls last
        ) as day_number,
        count(*) over (partition by customer_key, category) as n_days
    from sum_days
),

compare_ends as (
    select
        customer_key,
        category,
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
    group by customer_key, category
),

measure_change as (
    select
        *,
        round(latest_tier - first_tier, 9) as tier_change
    from compare_ends
),

final as (
    select
        customer_key,
        category,
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
)

select * from final
