{{ config(materialized='table') }}
{%- set subjects = ['sales', 'campaigns', 'members', 'buyers', 'channels', 'lifecycle', 'emails',
    'tickets', 'surveys'] %}

with

definitions as (
    select * from {{ ref('kpi_definitions') }}
),

dates as (
    select * from {{ ref('int_dates') }}
),

kpi_rows as (
    {%- for subject in subjects %}
    select * from {{ ref('int_kpi_' ~ subject) }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

-- What had already changed before the first date stands on it.
sum_rows as (
    select
        kpi_rows.kpi,
        case
            when definitions.kind in {{ running_kinds() }}
                then greatest(kpi_rows.business_date, first_dates.first_date)
            else kpi_rows.business_date
        end as business_date,
        kpi_rows.scope_type,
        kpi_rows.scope_key,
        sum(kpi_rows.numerator) as numerator,
        sum(kpi_rows.denominator) as denominator,
        max(kpi_rows.median) as median
    from kpi_rows
    inner join definitions on kpi_rows.kpi = definitions.kpi
    cross join (select min(date_key) as first_date from dates) as first_dates
    group by 1, 2, 3, 4
),

-- All dates of the company as a whole; of a store the days on which it had receipts.
list_days as (
    select
        date_key as business_date,
        'all' as scope_type,
        'all' as scope_key
    from dates
    union all
    select business_date, scope_type, scope_key
    from sum_rows
    where kpi = 'receipts' and scope_type = 'store'
),

list_kpis as (
    select
        definitions.kpi,
        definitions.kind,
        definitions.settles,
        list_days.business_date,
        cast(date_trunc('month', list_days.business_date) as date) as month_start,
        list_days.scope_type,
        list_days.scope_key,
        coalesce(sum_rows.numerator, 0) as numerator,
        coalesce(sum_rows.denominator, 0) as denominator,
        sum_rows.median
    from list_days
    inner join definitions on list_days.scope_type = 'all' or definitions.of_stores
    left join sum_rows
        on
            definitions.kpi = sum_rows.kpi
            and list_days.business_date = sum_rows.business_date
            and list_days.scope_type = sum_rows.scope_type
            and list_days.scope_key = sum_rows.scope_key
),

-- Running sums, all of the company. A rate of a month begins anew with it and is a share of what
-- there was when it began.
run_up as (
    select
        *,
        sum(numerator) over up_to_date as numerator_so_far,
        sum(denominator) over up_to_date as denominator_so_far,
        sum(numerator) over within_month as numerator_of_month,
        sum(denominator) over within_month as denominator_of_month
    from list_kpis
    where kind in {{ running_kinds() }}
    window
        up_to_date as (
            partition by kpi
            order by business_date asc nulls last
            rows between unbounded preceding and current row
        ),
        within_month as (
            partition by kpi, month_start
            order by business_date asc nulls last
            rows between unbounded preceding and current row
        )
),

list_values as (
    select kpi, kind, settles, business_date, scope_type, scope_key, median, denominator,
        case when kind <> 'median' then numerator end as numerator
    from list_kpis
    where kind not in {{ running_kinds() }}
    union all
    select kpi, kind, settles, business_date, scope_type, scope_key, median,
        case kind
            when 'month_rate' then denominator_so_far - denominator_of_month
            else denominator_so_far
        end as denominator,
        case kind when 'month_rate' then numerator_of_month else numerator_so_far end as numerator
    from run_up
),

final as (
    select
        kpi,
        business_date,
        scope_type,
        scope_key,
        cast(numerator as decimal(18, 2)) as numerator,
        {{ kpi_denominator('kind', 'denominator') }} as denominator,
        case
            when kind in ('additive', 'stock') then round(cast(numerator as double), 9)
            when kind = 'median' then median
            else {{ ratio('numerator', 'denominator') }}
        end as value,
        not (settles and business_date >= {{ window_start(var('refund_settle_days')) }})
        and (kind <> 'month_rate' or {{ is_month_end('business_date') }}) as is_final
    from list_values
)

select * from final
