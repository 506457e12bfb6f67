-- RFM of today, of a customer's whole life and of the last year, straight from raw. Discounts of a
-- receipt and points are spread over its lines by one factor, which moves some sales by a hundredth.
create or replace temp table hand_rfm as
with receipts as (
    select
        receipt_id,
        member_id_hash,
        store_id,
        receipt_type,
        original_receipt_id,
        total_inc_tax,
        cast(closed_at + interval 9 hour as date) as business_date
    from raw_pos.receipts
    qualify row_number() over (partition by receipt_id order by updated_at desc) = 1
),

counted as (
    select receipts.*
    from receipts
    anti join (from receipts where receipt_type = 'void') as voids
        on receipts.receipt_id = voids.original_receipt_id
    where receipt_type in ('sale', 'return')
),

lines as (
    select
        lines.receipt_id,
        sum(line_amount) as amount,
        sum(line_amount / (1 + coalesce(lines.tax_rate, products.tax_rate, 0)))
            filter (where line_type in ('sale', 'return')) as net_amount
    from (
        select *
        from raw_pos.receipt_lines
        qualify row_number() over (partition by receipt_id, line_no order by _file desc) = 1
    ) as lines
    left join (
        select product_id, tax_rate
        from raw_pos.products
        qualify row_number() over (partition by product_id order by _file desc) = 1
    ) as products using (product_id)
    group by lines.receipt_id
),

amounts as (
    select
        counted.*,
        net_amount * coalesce(total_inc_tax / nullif(amount, 0), 1) as net_sales
    from counted
    left join lines using (receipt_id)
),

orders as (
    select
        people.customer_key,
        sales.business_date,
        sales.net_sales + coalesce(returned.net_sales, 0) as net_sales
    from amounts as sales
    inner join intermediate.int_customer_identity as people
        on sales.member_id_hash = people.source_id and people.source_system = 'pos'
    anti join (from intermediate.int_customers where is_internal) as internal
        on people.customer_key = internal.customer_key
    left join (
        select original_receipt_id, sum(net_sales) as net_sales
        from amounts
        where receipt_type = 'return' and original_receipt_id is not null
        group by original_receipt_id
    ) as returned on sales.receipt_id = returned.original_receipt_id
    where sales.receipt_type = 'sale' and sales.net_sales + coalesce(returned.net_sales, 0) > 0
),

windows as (
    select * from (values ('lifetime', 100000), ('365d', 365)) as w (rfm_window, days)
),

measures as (
    select
        rfm_window,
        customer_key,
        max(business_date) as last_q_date,
        count(*) as frequency,
        sum(net_sales) as monetary
    from orders
    inner join windows
        on business_date > date '{as_of}' - windows.days
    where business_date <= date '{as_of}'
    group by rfm_window, customer_key
)

select
    *,
    least(5, 1 + floor(5 * percent_rank() over by_date)) as r_score,
    least(5, 1 + floor(5 * percent_rank() over by_orders)) as f_score,
    least(5, 1 + floor(5 * percent_rank() over by_sales)) as m_score
from measures
window
    by_date as (partition by rfm_window order by last_q_date),
    by_orders as (partition by rfm_window order by frequency),
    by_sales as (partition by rfm_window order by monetary)
