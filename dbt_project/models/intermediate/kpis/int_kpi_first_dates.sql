with

definitions as (
    select * from {{ ref('kpi_definitions') }}
),

kpi_days as (
    select * from {{ ref('int_kpi_days') }}
),

stores as (
    select * from {{ ref('int_stores') }}
),

-- A rate per thousand counts something else in its denominator: it does not tell.
find_first_dates as (
    select
        definitions.subject,
        kpi_days.scope_type,
        kpi_days.scope_key,
        min(kpi_days.business_date) as first_date
    from kpi_days
    inner join definitions on kpi_days.kpi = definitions.kpi
    where
        definitions.unit <> 'per_thousand'
        and (
            kpi_days.numerator <> 0
            or (definitions.kind not in ('additive', 'stock') and kpi_days.denominator <> 0)
        )
    group by definitions.subject, kpi_days.scope_type, kpi_days.scope_key
),

-- A store that the master knows begins with its opening, even if nothing was sold that day, but
-- not before the company's data.
final as (
    select
        of_scope.subject,
        of_scope.scope_type,
        of_scope.scope_key,
        case
            when stores.opened_on is null then of_scope.first_date
            else greatest(stores.opened_on, of_company.first_date)
        end as first_date,
        stores.closed_on as last_date
    from find_first_dates as of_scope
    left join find_first_dates as of_company
        on
            of_company.scope_type = 'all'
            and of_scope.subject = of_company.subject
    left join stores
        on
            of_scope.scope_type = 'store'
            and of_scope.scope_key = stores.store_id
)

select * from final
