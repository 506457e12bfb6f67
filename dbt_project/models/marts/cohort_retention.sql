with

cohort_months as (
    select * from {{ ref('int_cohort_months') }}
),

final as (
    select
        scope_type,
        scope_key,
        cohort_month,
        months_since,
        cast(cohort_size as bigint) as cohort_size,
        cast(case when is_complete then retained_customers end as bigint) as retained_customers,
        case when is_complete then {{ ratio('retained_customers', 'cohort_size') }} end
            as retention,
        is_complete,
        cast(left_censored_customers as bigint) as left_censored_customers,
        is_left_censored
    from cohort_months
)

select * from final
