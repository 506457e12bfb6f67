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

widest_days as (
    {{ category_purchase_days('sales_lines', 'receipts', 'products') }}
),

narrowest_days as (
    {{ category_purchase_days(
        'sales_lines', 'receipts', 'products', 'products.narrowest_category'
    ) }}
),

find_next_days as (
    select
        *,
        lead(business_date) over (
            partition by category_level, customer_key, category
            order by business_date asc nulls last
        ) as next_date
    from (
        select 'widest' as category_level, customer_key, category, business_date from widest_days
        union all
        select 'narrowest', customer_key, category, business_date from narrowest_days
    ) as days
),

-- Stores say where to stock up, which is planned by department.
scope_days as (
    select
        category_level,
        category,
        'all' as scope_type,
        'all' as scope_key,
        customer_key,
        business_date,
        {{ days_between('business_date', 'next_date') }} as gap_days
    from find_next_days
    union all
    select
        find_next_days.category_level,
        find_next_days.category,
        'store',
        second_purchases.first_store_id,
        find_next_days.customer_key,
        find_next_days.business_date,
        {{ days_between('find_next_days.business_date', 'find_next_days.next_date') }}
    from find_next_days
    inner join second_purchases on find_next_days.customer_key = second_purchases.customer_key
    where find_next_days.category_level = 'widest'
),

measure_gaps as (
    select
        category_level,
        category,
        scope_type,
        scope_key,
        count(gap_days) as n_gaps,
        {%- for name, point in {'p25': 0.25, 'median': 0.5, 'p75': 0.75}.items() %}
        case
            when count(gap_days) >= {{ min_gaps_of_group() }} then round(
                percentile_cont({{ point }}) within group (order by gap_days asc nulls last), 9
            )
        end as {{ name }}_gap_days{{ ',' if not loop.last }}
        {%- endfor %}
    from scope_days
    group by category_level, category, scope_type, scope_key
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
            scope_days.category_level = find_cycles.category_level
            and scope_days.category = find_cycles.category
            and scope_days.scope_type = find_cycles.scope_type
            and scope_days.scope_key = find_cycles.scope_key
),

count_by_customer as (
    select
        category_level,
        category,
        scope_type,
        scope_key,
        customer_key,
        count(*) as n_days,
        count(*) filter (where is_mature) as matured_days,
        count(*) filter (where is_mature and gap_days <= cycle_days) as followed_days,
        {{ days_between('max(business_date)', as_of_date()) }} as days_since_last
    from find_old_days
    group by category_level, category, scope_type, scope_key, customer_key
),

count_buyers as (
    select
        find_cycles.category_level,
        find_cycles.category,
        find_cycles.scope_type,
        find_cycles.scope_key,
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
    inner join find_cycles
        on
            count_by_customer.category_level = find_cycles.category_level
            and count_by_customer.category = find_cycles.category
            and count_by_customer.scope_type = find_cycles.scope_type
            and count_by_customer.scope_key = find_cycles.scope_key
    group by
        find_cycles.category_level,
        find_cycles.category,
        find_cycles.scope_type,
        find_cycles.scope_key
),

final as (
    select
        find_cycles.category_level,
        find_cycles.category,
        find_cycles.scope_type,
        find_cycles.scope_key,
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
            find_cycles.category_level = count_buyers.category_level
            and find_cycles.category = count_buyers.category
            and find_cycles.scope_type = count_buyers.scope_type
            and find_cycles.scope_key = count_buyers.scope_key
)

select * from final
