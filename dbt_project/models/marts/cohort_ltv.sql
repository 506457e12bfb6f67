with

cohort_months as (
    select * from {{ ref('int_cohort_months') }}
),

-- Only the as-of month, the last of each cohort, can be unfinished: no sum runs over it.
cumulate_months as (
    select
        *,
        sum(net_sales) over (
            partition by scope_type, scope_key, cohort_month
            order by months_since asc nulls last
            rows between unbounded preceding and current row
        ) as cum_net_sales
    from cohort_months
),

final as (
    select
        scope_type,
        scope_key,
        cohort_month,
        months_since,
        cast(cohort_size as bigint) as cohort_size,
        cast(case when is_complete then net_sales end as decimal(18, 2)) as net_sales,
        cast(case when is_complete then cum_net_sales end as decimal(18, 2)) as cum_net_sales,
        case when is_complete then {{ ratio('cum_net_sales', 'cohort_size') }} end
            as cum_net_sales_per_customer,
        is_complete,
        is_left_censored
    from cumulate_months
)

select * from final
