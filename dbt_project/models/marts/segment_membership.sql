with

matches as (
    select * from {{ ref('int_segment_matches') }}
),

customers as (
    select * from {{ ref('int_segment_states') }}
    where state_date = {{ as_of_date() }}
),

number_dates as (
    select
        state_date,
        row_number() over (order by state_date asc nulls last) as date_number,
        lead(state_date) over (order by state_date asc nulls last) as next_date
    from {{ ref('int_state_dates') }}
),

-- Dates that follow one another without a gap keep their distance to the row's number.
number_runs as (
    select
        matches.segment_id,
        matches.customer_number,
        matches.state_date,
        number_dates.next_date,
        number_dates.date_number - row_number() over (
            partition by matches.segment_id, matches.customer_number
            order by matches.state_date asc nulls last
        ) as run_number
    from matches
    inner join number_dates on matches.state_date = number_dates.state_date
),

find_spells as (
    select
        segment_id,
        customer_number,
        min(state_date) as entered_on,
        case when max(state_date) < {{ as_of_date() }} then max(next_date) end as exited_on
    from number_runs
    group by segment_id, customer_number, run_number
),

final as (
    select
        find_spells.segment_id,
        customers.customer_key,
        find_spells.entered_on,
        find_spells.exited_on,
        find_spells.exited_on is null as is_current
    from find_spells
    inner join customers on find_spells.customer_number = customers.customer_number
)

select * from final
