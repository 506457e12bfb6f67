with

stores as (
    select * from {{ ref('dim_store') }}
),

products as (
    select * from {{ ref('dim_product') }}
),

receipts as (
    select * from {{ ref('fct_sales_receipt') }}
    where is_qualifying and customer_key is not null
),

sales_lines as (
    select * from {{ ref('fct_sales_line') }}
    where is_merchandise and order_receipt_id is not null
),

purchase_days as (
    select * from {{ ref('int_purchase_days') }}
),

second_purchases as (
    select * from {{ ref('int_second_purchases') }}
),

dates as (
    select * from {{ ref('dim_date') }}
),

category_days as (
    {{ category_purchase_days('sales_lines', 'receipts', 'products') }}
),

measure_gaps as (
    select
        *,
        {{ days_between(
            'lag(business_date) over ('
            ~ 'partition by customer_key, category order by business_date asc nulls last)',
            'business_date'
        ) }} as gap_days
    from (
        select customer_key, 'all' as category, business_date from purchase_days
        union all
        select customer_key, category, business_date from category_days
    ) as days
),

rhythms as (
    {{ measure_rhythm('measure_gaps') }}
),

hours as (
    {{ count_hour_bands('receipts', 'stores') }}
),

count_gaps as (
    {{ count_gaps_of_groups('measure_gaps', 'second_purchases') }}
),

known_medians as (
    {{ medians_known_by_month('count_gaps', 'dates') }}
),

name_groups as (
    select
        rhythms.*,
        cast(date_trunc('month', rhythms.last_purchase_date) as date) as last_month,
        case when rhythms.category = 'all' then 'store' else 'category' end as group_type,
        case
            when rhythms.category = 'all' then second_purchases.first_store_id
            else rhythms.category
        end as group_key
    from rhythms
    inner join second_purchases
        on rhythms.customer_key = second_purchases.customer_key
),

-- Others count as they were known when the month of the last purchase began: what they do later
-- moves no expectation.
compare_with_others as (
    select
        named.*,
        case
            when named.n_gaps >= 2 then 'own'
            when alike.n_gaps >= {{ min_gaps_of_group() }} then named.group_type
            when company.n_gaps > 0 then 'company'
        end as expected_basis,
        case
            when named.n_gaps >= 2 then named.median_gap_days
            when alike.n_gaps >= {{ min_gaps_of_group() }} then alike.median_gap_days
            else company.median_gap_days
        end as expected_gap_days
    from name_groups as named
    left join known_medians as alike
        on
            named.group_type = alike.group_type
            and named.group_key = alike.group_key
            and named.last_month = alike.month_start
    left join known_medians as company
        on
            company.group_type = 'company'
            and named.last_month = company.month_start
),

expect_next as (
    select
        *,
        {{ add_days('last_purchase_date', 'floor(expected_gap_days + 0.5)') }} as expected_next_date
    from compare_with_others
),

final as (
    select
        expected.customer_key,
        expected.category,
        expected.n_purchase_days,
        expected.last_purchase_date,
        expected.n_gaps,
        expected.mean_gap_days,
        expected.median_gap_days,
        expected.p75_gap_days,
        expected.gap_cv,
        expected.expected_next_date,
        expected.expected_basis,
        cast(
            case
                when expected.expected_next_date > {{ as_of_date() }} then 0
                else {{ days_between('expected.expected_next_date', as_of_date()) }}
            end as bigint
        ) as overdue_days,
        cast({{ first_of_greatest(range(1, 8), 'expected.days_') }} as bigint)
            as preferred_weekday,
        case
            when expected.category = 'all'
                then {{ first_of_greatest(hour_bands() | map('first') | list, 'hours.orders_') }}
        end as preferred_hour_band
    from expect_next as expected
    left join hours on expected.customer_key = hours.customer_key
)

select * from final
