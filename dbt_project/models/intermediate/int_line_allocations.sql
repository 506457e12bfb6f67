{{ config(
    materialized='kept', prints='int_receipt_prints', touched='int_touched_receipts',
    kept_by='receipt_id'
) }}

with

receipts as (
    select * from {{ ref('int_receipts') }}
    where {{ is_touched_receipt() }}
),

receipt_lines as (
    select * from {{ ref('int_receipt_lines') }}
),

sum_line_discounts as (
    select
        receipt_id,
        sum(line_discount_amount) as line_discount_amount
    from receipt_lines
    where line_discount_amount <> 0
    group by receipt_id
),

amounts_to_allocate as (
    select
        receipts.receipt_id,
        'discount' as kind,
        receipts.unit_hundredths,
        receipts.discount_total - coalesce(sum_line_discounts.line_discount_amount, 0) as amount
    from receipts
    left join sum_line_discounts on receipts.receipt_id = sum_line_discounts.receipt_id
    where receipts.discount_total <> coalesce(sum_line_discounts.line_discount_amount, 0)

    {%- if var('points_as') == 'discount' %}

    union all

    select
        receipt_id,
        'points' as kind,
        unit_hundredths,
        points_used as amount
    from receipts
    where points_used <> 0
    {%- elif var('points_as') != 'tender' %}
    {{ exceptions.raise_compiler_error("points_as must be discount or tender") }}
    {%- endif %}
),

-- An amount finer than the smallest coin is allocated in hundredths, so that nothing is lost.
convert_to_units as (
    select
        receipt_id,
        kind,
        sign(amount) as direction,
        case
            when {{ hundredths('amount') }} % unit_hundredths = 0 then unit_hundredths else 1
        end as unit_hundredths,
        {{ hundredths('abs(amount)', 'decimal(38, 0)') }} as hundredths_to_allocate
    from amounts_to_allocate
),

-- A discount lowers what is sold, not what an exchange takes back: only goods on the discount's own
-- side of zero carry it. Without any, every line carries it by its size, so that it is never lost.
weigh_lines as (
    select
        convert_to_units.*,
        receipt_lines.line_no,
        case
            when
                receipt_lines.is_merchandise
                and receipt_lines.line_amount * convert_to_units.direction > 0
                then {{ hundredths('abs(receipt_lines.line_amount)', 'decimal(38, 0)') }}
            else cast(0 as decimal(38, 0))
        end as own_side_weight,
        {{ hundredths('abs(receipt_lines.line_amount)', 'decimal(38, 0)') }} as size_weight
    from convert_to_units
    inner join receipt_lines on convert_to_units.receipt_id = receipt_lines.receipt_id
),

sum_weights as (
    select
        receipt_id,
        kind,
        sum(own_side_weight) as own_side_weight,
        sum(size_weight) as size_weight,
        count(*) as line_count
    from weigh_lines
    group by receipt_id, kind
),

choose_weights as (
    select
        weigh_lines.receipt_id,
        weigh_lines.kind,
        weigh_lines.line_no,
        weigh_lines.direction,
        weigh_lines.unit_hundredths,
        cast(
            round(weigh_lines.hundredths_to_allocate / weigh_lines.unit_hundredths)
            as decimal(38, 0)
        ) as units,
        case
            when sum_weights.own_side_weight > 0 then weigh_lines.own_side_weight
            when sum_weights.size_weight > 0 then weigh_lines.size_weight
            else cast(1 as decimal(38, 0))
        end as weight,
        cast(
            case
                when sum_weights.own_side_weight > 0 then sum_weights.own_side_weight
                when sum_weights.size_weight > 0 then sum_weights.size_weight
                else sum_weights.line_count
            end as decimal(38, 0)
        ) as total_weight
    from weigh_lines
    inner join sum_weights
        on
            weigh_lines.receipt_id = sum_weights.receipt_id
            and weigh_lines.kind = sum_weights.kind
),

share_units as (
    select
        *,
        {{ floor_quotient('units * weight', 'total_weight', 'decimal(38, 0)') }} as whole_units,
        {{ floor_remainder('units * weight', 'total_weight') }} as remainder
    from choose_weights
),

-- Largest remainder: the units left over go one each to the lines that lost most by rounding down.
hand_out_the_rest as (
    select
        *,
        whole_units + case
            when
                row_number() over (
                    partition by receipt_id, kind
                    order by remainder desc nulls last, line_no asc nulls last
                ) <= units - sum(whole_units) over (partition by receipt_id, kind)
                then 1
            else 0
        end as line_units
    from share_units
),

final as (
    select
        receipt_id,
        line_no,
        coalesce(
            sum({{ amount_of_hundredths('direction * line_units * unit_hundredths') }})
                filter (where kind = 'discount'),
            0
        ) as receipt_discount_amount,
        coalesce(
            sum({{ amount_of_hundredths('direction * line_units * unit_hundredths') }})
                filter (where kind = 'points'),
            0
        ) as points_amount
    from hand_out_the_rest
    group by receipt_id, line_no
)

select * from final
