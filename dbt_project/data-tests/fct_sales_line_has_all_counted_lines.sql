-- The fact has the lines of the counted receipts, none lost and none twice.
with

counts as (
    select
        (select count(*) from {{ ref('fct_sales_line') }}) as fact_lines,
        (
            select count(*)
            from {{ ref('stg_pos__receipt_lines') }} as receipt_lines
            inner join {{ ref('int_receipts') }} as receipts
                on receipt_lines.receipt_id = receipts.receipt_id
        ) as counted_lines,
        (select coalesce(sum(line_count), 0) from {{ ref('fct_sales_receipt') }})
            as lines_of_receipts
)

select * from counts
where fact_lines <> counted_lines or fact_lines <> lines_of_receipts
