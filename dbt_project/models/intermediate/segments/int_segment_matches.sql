with

states as (
    select * from {{ ref('int_segment_states') }}
),

conditions as (
    select * from {{ ref('int_segment_conditions') }}
),

state_dates as (
    select distinct
        state_date,
        date_block,
        date_bit
    from states
),

-- Attributes that no rule names find no condition and cost nothing.
list_fulfilled as (
    {%- for attribute, kind in segment_attributes().items() %}
    select
        states.customer_number,
        states.date_block,
        states.date_bit,
        conditions.requirement_number
    from states
    inner join conditions on {{ fulfils_condition(attribute, kind) }}
    where conditions.attribute = '{{ attribute }}'
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- The dates of a block are bits of one number: far fewer rows than dates are compared from here.
sum_requirements as (
    select
        customer_number,
        date_block,
        requirement_number,
        bit_or(date_bit) as dates
    from list_fulfilled
    group by customer_number, date_block, requirement_number
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
    group by segment_id, customer_number, date_block
),

final as (
    select
        sum_segments.segment_id,
        sum_segments.customer_number,
        state_dates.state_date
    from sum_segments
    inner join state_dates
        on
            sum_segments.date_block = state_dates.date_block
            and (sum_segments.dates & state_dates.date_bit) <> 0
)

select * from final
