with

lines_with_given_tax as (
    select
        *,
        coalesce(feed_tax_amount, 0) as tax_amount
    from {{ ref('int_line_amounts') }}
    where not is_tax_computed
),

-- Tax is owed once a rate and receipt. All fractions of a group share one divisor, so that its
-- lines and its sum are compared as whole numbers. Returns are computed as the mirror of their
-- sale: line by line the same tax with the other sign.
measure_tax as (
    select
        *,
        case when receipt_type = 'return' then -1 else 1 end as direction,
        case when receipt_type = 'return' then -1 else 1 end
        * {{ hundredths('amount') }} * cast(tax_rate * 10000 as bigint) as tax_numerator,
        cast(unit_hundredths as bigint)
        * (10000 + case when tax_included then cast(tax_rate * 10000 as bigint) else 0 end)
            as tax_divisor
    from {{ ref('int_line_amounts') }}
    where is_tax_computed
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
        *,
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

lines_with_computed_tax as (
    select
        *,
        {{ amount_of_hundredths(
            'direction * unit_hundredths * (whole_units + case when remainder_rank <= '
            ~ tax_quotient('group_numerator', 'tax_divisor')
            ~ ' - group_whole_units then 1 else 0 end)'
        ) }} as tax_amount
    from rank_lines
),

lines_with_tax as (
    {%- for relation in ['lines_with_given_tax', 'lines_with_computed_tax'] %}
    select
        receipt_id, line_no, store_id, customer_key, product_id, linked_receipt_id,
        line_type, receipt_type, currency,
        quantity, item_quantity, unit_price, list_price, line_amount, line_discount_amount,
        receipt_discount_amount, points_amount, amount, tax_rate, tax_amount,
        tax_included, is_revenue, is_merchandise, is_return, is_internal,
        business_date, linked_business_date, closed_at
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

net_lines as (
    select
        *,
        amount - case when tax_included then tax_amount else 0 end as net_amount,
        is_return and linked_receipt_id is not null as is_linked_return
    from lines_with_tax
),

final as (
    select
        receipt_id,
        line_no,
        store_id,
        customer_key,
        product_id,
        case when is_linked_return then linked_receipt_id else receipt_id end
            as order_receipt_id,
        line_type,
        receipt_type,
        business_date,
        case when is_linked_return then linked_business_date else business_date end
            as order_business_date,
        closed_at,
        quantity,
        item_quantity,
        unit_price,
        list_price,
        line_amount,
        line_discount_amount,
        receipt_discount_amount,
        points_amount,
        tax_rate,
        tax_amount,
        tax_included,
        net_amount,
        net_amount + tax_amount as amount_inc_tax,
        case when is_revenue then net_amount else 0 end as net_sales,
        is_revenue,
        is_merchandise,
        is_return,
        is_return and not is_linked_return as is_unlinked_return,
        is_internal,
        currency
    from net_lines
)

select * from final
