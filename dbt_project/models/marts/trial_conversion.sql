with

outcomes as (
    select * from {{ ref('int_trial_outcomes') }}
),

trial_receipts as (
    select * from {{ ref('int_trial_receipts') }}
),

sum_cohorts as (
    select
        trial_kind,
        product_id,
        cast(date_trunc('week', business_date) as date) as cohort_week,
        count(*) as started,
        count(*) filter (where is_matured) as matured,
        count(*) filter (where is_matured and days_to_convert is not null) as converted,
        count(*) filter (where not is_matured) as pending,
        count(*) filter (where not is_matured and days_to_convert is not null) as pending_converted,
        count(*) filter (where is_first_time) as started_first_time,
        count(*) filter (where is_matured and is_first_time) as matured_first_time,
        count(*) filter (where is_matured and days_to_convert is not null and is_first_time)
            as converted_first_time,
        sum(converting_net_sales) filter (where is_matured) as converted_net_sales,
        median(days_to_convert) filter (where is_matured) as median_days_to_convert
    from outcomes
    group by 1, 2, 3
),

list_unidentified as (
    select trial_kind, product_id, business_date, receipt_id
    from trial_receipts
    where customer_key is null
    union all
    select trial_kind, 'all', business_date, receipt_id
    from trial_receipts
    where customer_key is null
),

count_unidentified as (
    select
        trial_kind,
        product_id,
        cast(date_trunc('week', business_date) as date) as cohort_week,
        count(distinct receipt_id) as unidentified_receipts
    from list_unidentified
    group by 1, 2, 3
),

list_cohorts as (
    select trial_kind, product_id, cohort_week from sum_cohorts
    union
    select trial_kind, product_id, cohort_week from count_unidentified
),

final as (
    select
        cohorts.trial_kind,
        cohorts.product_id,
        cohorts.cohort_week,
        {%- for column in [
            'started', 'matured', 'converted', 'pending', 'pending_converted',
            'started_first_time', 'matured_first_time', 'converted_first_time'
        ] %}
        {{ count_or_zero('sums.' ~ column) }} as {{ column }},
        {%- endfor %}
        {{ ratio('sums.converted', 'sums.matured') }} as conversion,
        {{ ratio('sums.converted_first_time', 'sums.matured_first_time') }}
            as conversion_first_time,
        {{ amount_or_zero('sums.converted_net_sales') }} as converted_net_sales,
        cast(sums.median_days_to_convert as double) as median_days_to_convert,
        {{ count_or_zero('unidentified.unidentified_receipts') }} as unidentified_receipts,
        {{ add_days('cohorts.cohort_week', '6 + ' ~ var('trial_days')) }} <= {{ as_of_date() }}
            as is_complete
    from list_cohorts as cohorts
    {%- for block, name in {'sum_cohorts': 'sums', 'count_unidentified': 'unidentified'}.items() %}
    left join {{ block }} as {{ name }}
        on
            cohorts.trial_kind = {{ name }}.trial_kind
            and cohorts.product_id = {{ name }}.product_id
            and cohorts.cohort_week = {{ name }}.cohort_week
    {%- endfor %}
)

select * from final
