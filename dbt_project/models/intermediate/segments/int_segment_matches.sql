with

states as (
    select * from {{ ref('int_segment_states') }}
),

conditions as (
    select * from {{ ref('int_segment_conditions') }}
),

customers as (
    select * from {{ ref('int_segment_customers') }}
),

date_blocks as (
    select distinct cast(floor(date_number / 60) as bigint) as date_block
    from {{ ref('int_segment_dates') }}
),

list_fulfilled as (
    select
        states.customer_number,
        states.from_number,
        states.to_number,
        conditions.requirement_number
    from states
    inner join conditions
        on states.attribute = conditions.attribute and {{ fulfils_condition() }}
),

-- Dates are bits of numbers that have a sign, 60 dates a block: far fewer rows than dates are
-- compared from here.
sum_requirements as (
    select
        list_fulfilled.customer_number,
        list_fulfilled.requirement_number,
        date_blocks.date_block,
        bit_or(
            {{ bits_below('list_fulfilled.to_number', 'date_blocks.date_block') }}
            - {{ bits_below('list_fulfilled.from_number', 'date_blocks.date_block') }}
        ) as dates
    from list_fulfilled
    cross join date_blocks
    group by
        list_fulfilled.customer_number,
        list_fulfilled.requirement_number,
        date_blocks.date_block
),

list_requirements as (
    select distinct
        segment_id,
        alternative_number,
        requirement_number,
        requirements
    from conditions
),

-- All requirements of an alternative on the same dates.
sum_alternatives as (
    select
        list_requirements.segment_id,
        sum_requirements.customer_number,
        sum_requirements.date_block,
        bit_and(sum_requirements.dates) as dates
    from sum_requirements
    inner join list_requirements
        on sum_requirements.requirement_number = list_requirements.requirement_number
    group by
        list_requirements.segment_id,
        list_requirements.alternative_number,
        sum_requirements.customer_number,
        sum_requirements.date_block
    having count(*) = max(list_requirements.requirements)
),

-- One alternative is enough.
sum_segments as (
    select
        segment_id,
        customer_number,
        date_block,
        bit_or(dates) as dates
    from sum_alternatives
    where dates <> 0
    group by segment_id, customer_number, date_block
),

-- Nobody is in a segment before anything was known of them.
final as (
    select
        sum_segments.segment_id,
        sum_segments.customer_number,
        sum_segments.date_block,
        sum_segments.dates
        & (
            {{ bits_below('customers.dates', 'sum_segments.date_block') }}
            - {{ bits_below('customers.known_from', 'sum_segments.date_block') }}
        ) as dates
    from sum_segments
    inner join customers on sum_segments.customer_number = customers.customer_number
)

select * from final
where dates <> 0
