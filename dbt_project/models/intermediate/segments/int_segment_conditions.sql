{{ config(materialized='table') }}

with

segment_rules as (
    select * from {{ source('plans', 'segment_rules') }}
),

digits as (
    select 0 as digit
    {%- for digit in range(1, 10) %}
    union all select {{ digit }}
    {%- endfor %}
),

-- The file's check allows as many values in a line.
value_numbers as (
    select tens.digit * 10 + ones.digit + 1 as value_number
    from digits as tens
    cross join digits as ones
),

split_values as (
    select
        segment_rules.*,
        value_numbers.value_number,
        split_part(segment_rules.value, '|', value_numbers.value_number) as single_value
    from segment_rules
    inner join value_numbers
        on
            value_numbers.value_number
            <= 1 + coalesce(
                length(segment_rules.value) - length(replace(segment_rules.value, '|', '')), 0
            )
),

name_kinds as (
    {%- for attribute, kind in segment_attributes().items() %}
    select '{{ attribute }}' as attribute, '{{ kind }}' as kind
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- One value of a list is enough, each of those that are ruled out must be missed: the first is one
-- requirement, the second are several.
number_requirements as (
    select
        split_values.*,
        name_kinds.kind,
        dense_rank() over (
            order by
                split_values.segment_id asc nulls last,
                split_values.alternative asc nulls last
        ) as alternative_number,
        dense_rank() over (
            order by
                split_values.segment_id asc nulls last,
                split_values.alternative asc nulls last,
                split_values.attribute asc nulls last,
                split_values.operator asc nulls last,
                case when split_values.operator in ('<>', 'not in') then value_number end
                    asc nulls last
        ) as requirement_number
    from split_values
    inner join name_kinds on split_values.attribute = name_kinds.attribute
),

final as (
    select
        segment_id,
        alternative_number,
        requirement_number,
        max(requirement_number) over (partition by alternative_number)
        - min(requirement_number) over (partition by alternative_number)
        + 1 as requirements,
        attribute,
        operator,
        case when kind <> 'number' then single_value end as text_value,
        case
            when kind = 'number' then cast(cast(single_value as decimal(18, 6)) as double)
        end as number_value
    from number_requirements
)

select * from final
