{{ config(materialized='table') }}

with

line_amounts as (
    select * from {{ ref('int_line_amounts') }}
    where is_tax_computed
),

-- Tax is owed once a rate and receipt. All fractions of a group share one divisor, so that its
-- lines and its sum are compared as whole numbers. Returns are computed as the mirror of their
-- sale: line by line the same tax with the other sign.
measure_tax as (
    select
        receipt_id,
        line_no,
        tax_rate,
        tax_included,
        unit_hundredths,
        case when receipt_type = 'return' then -1 else 1 end as direction,
        case when receipt_type = 'return' then -1 else 1 end
        * {{ hundredths('amount') }} * cast(tax_rate * 10000 as bigint) as tax_numerator,
        cast(unit_hundredths as bigint)
        * (10000 + case when tax_included then cast(tax_rate * 10000 as bigint) else 0 end)
            as tax_divisor
    from line_amounts
),

split_tax as (
    select
        *,
        {{ floor_quotient('tax_numerator', 'tax_divisor') }} as whole_units,
        {{ floor_remainder('tax_numerator', 'tax_divisor') }} as remainder
    from measure_tax
),

rank_lines as (
    select
        receipt_id,
        line_no,
        unit_hundredths,
        direction,
        tax_divisor,
        whole_units,
        row_number() over lines_of_rate as remainder_rank,
        cast(sum(tax_numerator) over lines_of_rate as bigint) as group_numerator,
        cast(sum(whole_units) over lines_of_rate as bigint) as group_whole_units
    from split_tax
    window lines_of_rate as (
        partition by receipt_id, tax_rate, tax_included
        order by remainder desc nulls last, line_no asc nulls last
        rows between unbounded preceding and unbounded following
    )
),

-- Largest remainder: the units left over go one each to the lines that lost most by rounding down.
final as (
    select
        receipt_id,
        line_no,
        {{ amount_of_hundredths(
            'direction * unit_hundredths * (whole_units + case when remainder_rank <= '
            ~ tax_quotient('group_numerator', 'tax_divisor')
            ~ ' - group_whole_units then 1 else 0 end)'
        ) }} as tax_amount
    from rank_lines
)

select * from final
