with

targets as (
    select * from {{ ref('int_kpi_targets') }}
    where of_stores and kind in ('additive', 'ratio') and measured_to is not null
),

first_dates as (
    select * from {{ ref('int_kpi_first_dates') }}
    where scope_type = 'store'
),

-- 52 weeks: the same weekdays. Stores that were open from the first day then to the last one now.
list_comparable_stores as (
    select
        targets.line,
        targets.kpi,
        targets.subject,
        targets.kind,
        targets.period_start,
        targets.measured_to,
        first_dates.scope_type,
        first_dates.scope_key
    from targets
    inner join first_dates
        on
            targets.subject = first_dates.subject
            and targets.scope_key in ('all', first_dates.scope_key)
            and first_dates.first_date <= {{ add_days('targets.period_start', '-364') }}
            and coalesce(first_dates.last_date >= targets.measured_to, true)
),

final as (
    select
        line,
        'comparable' as part,
        kpi,
        subject,
        kind,
        scope_type,
        scope_key,
        period_start as from_date,
        measured_to as to_date
    from list_comparable_stores
    union all
    select
        line,
        'comparable_before',
        kpi,
        subject,
        kind,
        scope_type,
        scope_key,
        {{ add_days('period_start', '-364') }},
        {{ add_days('measured_to', '-364') }}
    from list_comparable_stores
)

select * from final
