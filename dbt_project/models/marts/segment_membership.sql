with

matches as (
    select * from {{ ref('int_segment_matches') }}
),

customers as (
    select * from {{ ref('int_segment_customers') }}
),

state_dates as (
    select * from {{ ref('int_segment_dates') }}
),

-- A block's own dates, and the first of the next one.
date_bits as (
    {%- for bit in range(0, 61) %}
    select cast({{ bit }} as bigint) as bit_number{{ ' union all' if not loop.last }}
    {%- endfor %}
),

-- The bits of dates on which something changes: of those that differ from the date before.
mark_changes as (
    select
        segment_id,
        customer_number,
        date_block,
        (dates | (2 * dates)) - (dates & (2 * dates)) as changes
    from matches
),

-- What goes on from one block to the next ends and begins there: two changes are none.
list_changes as (
    select
        mark_changes.segment_id,
        mark_changes.customer_number,
        60 * mark_changes.date_block + date_bits.bit_number as date_number
    from mark_changes
    inner join date_bits
        on (mark_changes.changes & cast(power(2, date_bits.bit_number) as bigint)) <> 0
    group by
        mark_changes.segment_id,
        mark_changes.customer_number,
        60 * mark_changes.date_block + date_bits.bit_number
    having count(*) = 1
),

-- The first change of a customer leads in, the next one out.
pair_changes as (
    select
        segment_id,
        customer_number,
        date_number,
        row_number() over by_date as change_number,
        lead(date_number) over by_date as next_number
    from list_changes
    window by_date as (
        partition by segment_id, customer_number order by date_number asc nulls last
    )
),

final as (
    select
        pair_changes.segment_id,
        customers.customer_key,
        entries.state_date as entered_on,
        exits.state_date as exited_on,
        exits.state_date is null as is_current
    from pair_changes
    inner join customers on pair_changes.customer_number = customers.customer_number
    inner join state_dates as entries on pair_changes.date_number = entries.date_number
    left join state_dates as exits on pair_changes.next_number = exits.date_number
    where pair_changes.change_number % 2 = 1
)

select * from final
