{{ config(materialized='table') }}

with

periods as (
    select * from {{ ref('int_kpi_periods') }}
    union all
    select * from {{ ref('int_kpi_comparable_periods') }}
),

kpi_days as (
    select * from {{ ref('int_kpi_days') }}
),

first_dates as (
    select * from {{ ref('int_kpi_first_dates') }}
),

exact_values as (
    select * from {{ ref('int_kpi_exact_values') }}
),

-- Only what lies wholly within the data has a value: a part of a period would pass for all of it.
-- Of a stock the last day counts.
list_known_periods as (
    select
        periods.*,
        case
            when periods.kind in {{ running_kinds() }} then periods.to_date
            else periods.from_date
        end as counts_from
    from periods
    inner join first_dates
        on
            periods.subject = first_dates.subject
            and periods.scope_type = first_dates.scope_type
            and periods.scope_key = first_dates.scope_key
            and first_dates.first_date <= case
                when periods.kind in {{ running_kinds() }} then periods.to_date
                else periods.from_date
            end
    where periods.to_date <= {{ as_of_date() }}
),

sum_days as (
    select
        known.line,
        known.part,
        known.kind,
        count(distinct known.scope_key) as scopes,
        sum(coalesce(kpi_days.numerator, 0)) as numerator,
        sum(coalesce(kpi_days.denominator, 0)) as denominator
    from list_known_periods as known
    left join kpi_days
        on
            known.kpi = kpi_days.kpi
            and known.scope_type = kpi_days.scope_type
            and known.scope_key = kpi_days.scope_key
            and kpi_days.business_date between known.counts_from and known.to_date
    where known.kind not in ('distinct_rate', 'median')
    group by known.line, known.part, known.kind
),

list_values as (
    select
        line,
        part,
        scopes,
        cast(numerator as decimal(18, 2)) as numerator,
        {{ kpi_denominator('kind', 'denominator') }} as denominator,
        cast(null as double) as median
    from sum_days
    union all
    select
        known.line,
        known.part,
        1,
        exact_values.numerator,
        exact_values.denominator,
        exact_values.median
    from list_known_periods as known
    inner join exact_values on known.line = exact_values.line and known.part = exact_values.part
),

final as (
    select
        line,
        part,
        scopes,
        numerator,
        denominator,
        coalesce(median, {{ ratio('numerator', 'denominator') }}) as value
    from list_values
)

select * from final
