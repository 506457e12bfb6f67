{#- Scopes of a cohort: the columns that are grouped by beside the month. -#}
{%- set scope_columns -%}
        case
            when grouping(channel) = 0 then 'channel'
            when grouping(store_id) = 0 then 'store'
            else 'all'
        end as scope_type,
        case
            when grouping(channel) = 0 then channel
            when grouping(store_id) = 0 then store_id
            else 'all'
        end as scope_key,
        cohort_month,
{%- endset -%}
{{ config(materialized='table') }}

with

cohorts as (
    select * from {{ ref('int_customer_cohorts') }}
),

receipts as (
    select * from {{ ref('int_sales_receipts') }}
    where customer_key is not null
),

digits as (
    select 0 as digit
    {%- for digit in range(1, 10) %}
    union all select {{ digit }}
    {%- endfor %}
),

-- Up to 999 months, 83 years.
count_months as (
    select ones.digit + 10 * tens.digit + 100 * hundreds.digit as months_since
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
),

size_cohorts as (
    select
        {{ scope_columns }}
        count(*) as cohort_size,
        count(*) filter (where is_left_censored) as left_censored_customers
    from cohorts
    group by grouping sets (
        (cohort_month), (cohort_month, channel), (cohort_month, store_id)
    )
),

-- All receipts since the first order, qualifying or not: a return that names no sale lowers the
-- month it was made in. Customers are counted once a month before they are counted in scopes.
sum_customers as (
    select
        cohorts.customer_key,
        cohorts.cohort_month,
        cohorts.channel,
        cohorts.store_id,
        {{ months_between('cohorts.cohort_month', 'receipts.business_date') }} as months_since,
        bool_or(receipts.is_qualifying) as has_bought,
        sum(receipts.net_sales_order_dated) as net_sales
    from receipts
    inner join cohorts on receipts.customer_key = cohorts.customer_key
    where receipts.business_date >= cohorts.first_q_date
    group by
        cohorts.customer_key,
        cohorts.cohort_month,
        cohorts.channel,
        cohorts.store_id,
        {{ months_between('cohorts.cohort_month', 'receipts.business_date') }}
),

sum_months as (
    select
        {{ scope_columns }}
        months_since,
        count(*) filter (where has_bought) as retained_customers,
        sum(net_sales) as net_sales
    from sum_customers
    group by grouping sets (
        (cohort_month, months_since),
        (cohort_month, channel, months_since),
        (cohort_month, store_id, months_since)
    )
),

-- A month in which nobody of the cohort came is a row all the same.
list_months as (
    select
        size_cohorts.*,
        cast(count_months.months_since as bigint) as months_since,
        {{ add_days(
            add_months('size_cohorts.cohort_month', 'count_months.months_since + 1'), '-1'
        ) }} <= {{ as_of_date() }} as is_complete
    from size_cohorts
    inner join count_months
        on
            count_months.months_since
            <= {{ months_between('size_cohorts.cohort_month', as_of_date()) }}
),

final as (
    select
        list_months.*,
        list_months.left_censored_customers * 10 > list_months.cohort_size as is_left_censored,
        coalesce(sum_months.retained_customers, 0) as retained_customers,
        coalesce(sum_months.net_sales, 0) as net_sales
    from list_months
    left join sum_months
        on
            list_months.scope_type = sum_months.scope_type
            and list_months.scope_key = sum_months.scope_key
            and list_months.cohort_month = sum_months.cohort_month
            and list_months.months_since = sum_months.months_since
)

select * from final
