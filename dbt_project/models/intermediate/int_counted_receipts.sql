with

receipts as (
    select * from {{ ref('stg_pos__receipts') }}
    where business_date <= {{ as_of_date() }}
),

voided_receipts as (
    select distinct original_receipt_id as receipt_id
    from receipts
    where receipt_type = 'void' and original_receipt_id is not null
),

counted as (
    select receipts.*
    from receipts
    left join voided_receipts on receipts.receipt_id = voided_receipts.receipt_id
    where
        receipts.receipt_type in ('sale', 'return')
        and voided_receipts.receipt_id is null
),

-- Few receipts name another: they are matched first, so that the large join meets a small side.
find_originals as (
    select
        counted.receipt_id,
        originals.receipt_id as linked_receipt_id,
        originals.business_date as linked_business_date
    from counted
    inner join counted as originals on counted.original_receipt_id = originals.receipt_id
    where counted.original_receipt_id <> counted.receipt_id
),

final as (
    select
        counted.*,
        find_originals.linked_receipt_id,
        find_originals.linked_business_date
    from counted
    left join find_originals on counted.receipt_id = find_originals.receipt_id
)

select * from final
