with

spells as (
    select
        customer_key,
        from_date,
        to_date,
        lifecycle_status in ('dormant', 'lost') as is_dormant,
        cast(date_trunc('month', from_date) as date) as month_start
    from {{ ref('int_lifecycle_spells') }}
),

-- Spells that began on the other side than the one on which their month opened. They count until
-- they end, or until the month does: the next one opens on their side.
find_switches as (
    select
        later.is_dormant,
        later.from_date,
        case
            when later.to_date < {{ add_months('later.month_start', '1') }} then later.to_date
        end as to_date
    from spells as later
    inner join spells as opening
        on
            later.customer_key = opening.customer_key
            and later.is_dormant <> opening.is_dormant
            and opening.from_date < later.month_start
            and coalesce(opening.to_date >= later.month_start, true)
),

list_changes as (
    select
        case when is_dormant then 'churn_rate' else 'reactivation_rate' end as kpi,
        from_date as business_date,
        1 as numerator,
        0 as denominator
    from find_switches
    union all
    select case when is_dormant then 'churn_rate' else 'reactivation_rate' end, to_date, -1, 0
    from find_switches
    where to_date is not null
    union all
    select case when is_dormant then 'reactivation_rate' else 'churn_rate' end, from_date, 0, 1
    from spells
    union all
    select case when is_dormant then 'reactivation_rate' else 'churn_rate' end, to_date, 0, -1
    from spells
    where to_date is not null
    union all
    select 'dormant_share', from_date, case when is_dormant then 1 else 0 end, 1
    from spells
    union all
    select 'dormant_share', to_date, case when is_dormant then -1 else 0 end, -1
    from spells
    where to_date is not null
),

final as (
    {{ sum_kpi_changes('list_changes') }}
)

select * from final
