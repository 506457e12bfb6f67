with

receipt_lines as (
    select * from {{ ref('int_receipt_lines') }}
),

allocations as (
    select * from {{ ref('int_line_allocations') }}
),

reduce_lines as (
    select
        receipt_lines.*,
        cast(coalesce(allocations.receipt_discount_amount, 0) as decimal(18, 2))
            as receipt_discount_amount,
        cast(coalesce(allocations.points_amount, 0) as decimal(18, 2)) as points_amount,
        cast(
            receipt_lines.line_amount
            - coalesce(allocations.receipt_discount_amount, 0)
            - coalesce(allocations.points_amount, 0)
            as decimal(18, 2)
        ) as amount
    from receipt_lines
    left join allocations
        on
            receipt_lines.receipt_id = allocations.receipt_id
            and receipt_lines.line_no = allocations.line_no
),

final as (
    select
        *,
        -- Money received for a gift card, points or a deposit is owed, not earned: it bears no tax
        -- unless the register says so.
        is_revenue and feed_tax_amount is null and tax_rate > 0 as is_tax_computed
    from reduce_lines
)

select * from final
