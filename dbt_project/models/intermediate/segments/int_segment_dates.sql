with

final as (
    select
        state_date,
        row_number() over (order by state_date asc nulls last) - 1 as date_number
    from {{ ref('int_state_dates') }}
)

select * from final
