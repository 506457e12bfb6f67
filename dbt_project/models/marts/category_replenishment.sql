with

products as (
    select
        product_id,
        category_1,
        {{ narrowest_category('dim_product') }} as narrowest_category
    from {{ ref('dim_product') }} as dim_product
),

receipts as (
    select * from {{ ref('fct_sales_receipt') }}
    where is_qualifying and customer_key is not null
),

sales_lines as (
    select * from {{ ref('fct_sales_line') }}
    where is_merchandise and order_receipt_id is not null
),

second_purchases as (
    select * from {{ ref('int_second_purchases') }}
),

-- Numbers stand for names up to the last step: they sort and count several times as fast.
number_customers as (
    select
        buyers.customer_key,
        dense_rank() over (order by second_purchases.first_store_id asc nulls last)
            as store_number,
        second_purchases.first_store_id,
        row_number() over (order by buyers.customer_key asc nulls last) as customer_number
    from (select distinct customer_key from receipts) as buyers
    left join second_purchases on buyers.customer_key = second_purchases.customer_key
),

-- Stores say where to stock up, which is planned by department.
number_scopes as (
    select
        cast(0 as bigint) as scope_number,
        'all' as scope_type,
        'all' as scope_key
    union all
    select distinct
        store_number,
        'store',
        first_store_id
    from number_customers
    where first_store_id is not null
),

number_categories as (
    select
        category_level,
        category,
        row_number() over (
            order by category_level asc nulls last, category asc nulls last
        ) as category_number
    from (
        select
            'widest' as category_level,
            category_1 as category
        from products
        where category_1 is not null
        union
        select
            'narrowest',
            narrowest_category
        from products
        where narrowest_category is not null
    ) as categories
),

number_products as (
    select
        products.product_id,
        widest.category_number as widest_number,
        narrowest.category_number as narrowest_number
    from products
    left join number_categories as widest
        on products.category_1 = widest.category and widest.category_level = 'widest'
    inner join number_categories as narrowest
        on
            products.narrowest_category = narrowest.category
            and narrowest.category_level = 'narrowest'
),

number_receipts as (
    select
        receipts.receipt_id,
        receipts.business_date,
        number_customers.customer_number
    from receipts
    inner join number_customers on receipts.customer_key = number_customers.customer_key
),

sum_goods as (
    select
        number_receipts.customer_number,
        number_products.widest_number,
        number_products.narrowest_number,
        number_receipts.business_date,
        sum(sales_lines.net_sales) as net_sales,
        sum(sales_lines.item_quantity) as item_quantity
    from sales_lines
    inner join number_products on sales_lines.product_id = number_products.product_id
    inner join number_receipts on sales_lines.order_receipt_id = number_receipts.receipt_id
    group by
        number_receipts.customer_number,
        number_products.widest_number,
        number_products.narrowest_number,
        number_receipts.business_date
),

-- Goods that were brought back are off the sale that they belong to.
purchase_days as (
    {%- for level in ['widest', 'narrowest'] %}
    select
        {{ level }}_number as category_number,
        {{ 'true' if level == 'widest' else 'false' }} as is_widest,
        customer_number,
        business_date
    from sum_goods
    where {{ level }}_number is not null
    group by customer_number, {{ level }}_number, business_date
    having sum(net_sales) > 0 and sum(item_quantity) > 0
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

measure_days as (
    select
        category_number,
        is_widest,
        customer_number,
        business_date,
        {{ days_between(
            'business_date',
            'lead(business_date) over ('
            ~ 'partition by customer_number, category_number order by business_date asc nulls last'
            ~ ')'
        ) }} as gap_days
    from purchase_days
),

scope_days as (
    select
        category_number,
        cast(0 as bigint) as scope_number,
        customer_number,
        business_date,
        gap_days
    from measure_days
    union all
    select
        measure_days.category_number,
        number_customers.store_number,
        measure_days.customer_number,
        measure_days.business_date,
        measure_days.gap_days
    from measure_days
    inner join number_customers
        on measure_days.customer_number = number_customers.customer_number
    where measure_days.is_widest and number_customers.first_store_id is not null
),

measure_gaps as (
    select
        category_number,
        scope_number,
        count(gap_days) as n_gaps,
        {%- for name, point in {'p25': 0.25, 'median': 0.5, 'p75': 0.75}.items() %}
        case
            when count(gap_days) >= {{ min_gaps_of_group() }} then round(
                percentile_cont({{ point }}) within group (order by gap_days asc nulls last), 9
            )
        end as {{ name }}_gap_days{{ ',' if not loop.last }}
        {%- endfor %}
    from scope_days
    group by category_number, scope_number
),

find_cycles as (
    select
        *,
        cast(floor(median_gap_days + 0.5) as bigint) as cycle_days
    from measure_gaps
),

-- A purchase of yesterday has not failed to be followed by another: only those count that are a
-- cycle old.
find_old_days as (
    select
        scope_days.*,
        find_cycles.cycle_days,
        {{ days_between('scope_days.business_date', as_of_date()) }} >= find_cycles.cycle_days
            as is_mature
    from scope_days
    inner join find_cycles
        on
            scope_days.category_number = find_cycles.category_number
            and scope_days.scope_number = find_cycles.scope_number
),

count_by_customer as (
    select
        category_number,
        scope_number,
        customer_number,
        max(cycle_days) as cycle_days,
        count(*) as n_days,
        count(*) filter (where is_mature) as matured_days,
        count(*) filter (where is_mature and gap_days <= cycle_days) as followed_days,
        {{ days_between('max(business_date)', as_of_date()) }} as days_since_last
    from find_old_days
    group by category_number, scope_number, customer_number
),

count_buyers as (
    select
        category_number,
        scope_number,
        count(*) as buyers,
        count(*) filter (where n_days >= 2) as repeat_buyers,
        sum(n_days) as purchase_days,
        sum(matured_days) as matured_purchase_days,
        sum(followed_days) as followed_purchase_days,
        count(*) filter (where days_since_last < cycle_days) as customers_not_due,
        count(*) filter (where days_since_last between cycle_days and 2 * cycle_days)
            as customers_due,
        count(*) filter (where days_since_last > 2 * cycle_days) as customers_lapsed
    from count_by_customer
    group by category_number, scope_number
),

final as (
    select
        number_categories.category_level,
        number_categories.category,
        number_scopes.scope_type,
        number_scopes.scope_key,
        cast(buyers as bigint) as buyers,
        cast(repeat_buyers as bigint) as repeat_buyers,
        {{ ratio('repeat_buyers', 'buyers') }} as repeat_buyer_rate,
        cast(purchase_days as bigint) as purchase_days,
        cast(n_gaps as bigint) as n_gaps,
        p25_gap_days,
        median_gap_days,
        p75_gap_days,
        cycle_days,
        {%- for count in [
            'matured_purchase_days', 'followed_purchase_days', 'customers_not_due',
            'customers_due', 'customers_lapsed'
        ] %}
        cast(case when cycle_days is not null then {{ count }} end as bigint) as {{ count }},
        {%- endfor %}
        case
            when cycle_days is not null
                then {{ ratio('followed_purchase_days', 'matured_purchase_days') }}
        end as followed_rate
    from find_cycles
    inner join count_buyers
        on
            find_cycles.category_number = count_buyers.category_number
            and find_cycles.scope_number = count_buyers.scope_number
    inner join number_categories
        on find_cycles.category_number = number_categories.category_number
    inner join number_scopes on find_cycles.scope_number = number_scopes.scope_number
)

select * from final
