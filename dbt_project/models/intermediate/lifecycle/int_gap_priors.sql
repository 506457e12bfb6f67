{{ config(materialized='table') }}

with

purchase_days as (
    select * from {{ ref('int_purchase_days') }}
    where previous_date is not null
),

-- A gap belongs to the store to which it led.
measure_gaps as (
    select
        store_id,
        grouping(store_id) = 1 as is_all,
        count(*) as n_gaps,
        {%- for point in [50, 75, 90] %}
        percentile_cont(0.{{ point }}) within group (
            order by {{ days_between('previous_date', 'business_date') }} asc nulls last
        ) as p{{ point }}_gap_days{{ ',' if not loop.last }}
        {%- endfor %}
    from purchase_days
    group by grouping sets ((store_id), ())
),

final as (
    select
        stores.store_id,
        stores.n_gaps,
        stores.n_gaps >= {{ min_gaps_of_group() }} as is_own,
        {%- for point in [50, 75, 90] %}
        round(
            case
                when stores.n_gaps >= {{ min_gaps_of_group() }} then stores.p{{ point }}_gap_days
                else company.p{{ point }}_gap_days
            end, 9
        ) as p{{ point }}_gap_days{{ ',' if not loop.last }}
        {%- endfor %}
    from measure_gaps as stores
    cross join measure_gaps as company
    where not stores.is_all and company.is_all
)

select * from final
