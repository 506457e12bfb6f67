{#
    Rows of KPIs from a table of measures with `business_date`, `scope_type` and `scope_key`: one
    query a KPI, put together. `kpis` maps a KPI to its numerator and denominator in terms of the
    measures. Counts and sums have the denominator 1, which int_kpi_days sets: write 0.
#}
{% macro kpi_rows(measures, kpis) -%}
    {%- for kpi, (numerator, denominator) in kpis.items() %}
    select
        '{{ kpi }}' as kpi,
        business_date,
        scope_type,
        scope_key,
        cast({{ numerator }} as decimal(18, 2)) as numerator,
        cast({{ denominator }} as decimal(18, 2)) as denominator,
        cast(null as double) as median
    from {{ measures }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#
    Date on which something that began on `date` ends: `days` later, or when the next of its
    partition takes over.
#}
{% macro stands_until(date, days, partition_by) -%}
    least(
        {{ add_days(date, days) }},
        coalesce(
            lead({{ date }}) over (
                partition by {{ partition_by }} order by {{ date }} asc nulls last
            ),
            {{ add_days(date, days) }}
        )
    )
{%- endmacro %}


{#
    Rows of KPIs of the company from changes: a table with `kpi`, `business_date`, `numerator` and
    `denominator`, as the whole body of a CTE.
#}
{% macro sum_kpi_changes(changes) -%}
    select
        kpi,
        business_date,
        'all' as scope_type,
        'all' as scope_key,
        cast(sum(numerator) as decimal(18, 2)) as numerator,
        cast(sum(denominator) as decimal(18, 2)) as denominator,
        cast(null as double) as median
    from {{ changes }}
    group by kpi, business_date
{%- endmacro %}


{# Counts and sums are shares of nothing: their denominator is 1. #}
{% macro kpi_denominator(kind, denominator) -%}
    cast(
        case when {{ kind }} in ('additive', 'stock') then 1 else {{ denominator }} end
        as decimal(18, 2)
    )
{%- endmacro %}


{# Kinds of KPIs whose value on a day is a running sum of changes. #}
{% macro running_kinds() -%}
    ('stock', 'stock_rate', 'month_rate')
{%- endmacro %}


{#
    The day a year before that ends the same dates: of a month that began with its first day and is
    over, the last day, so that February stays whole.
#}
{% macro end_a_year_before(period_start, period_end) -%}
    case
        when
            extract(day from {{ period_start }}) = 1
            and extract(day from {{ add_days(period_end, '1') }}) = 1
            then {{ add_days(add_months(add_days(period_end, '1'), '-12'), '-1') }}
        else {{ add_months(period_end, '-12') }}
    end
{%- endmacro %}
