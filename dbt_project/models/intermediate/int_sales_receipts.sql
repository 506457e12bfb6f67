{{ config(
    materialized='kept', prints='int_receipt_prints', touched='int_receipts_of_touched_customers',
    kept_by='receipt_id'
) }}

{#- Tells whether the goods of a receipt are still the same ones: what lines say of them. -#}
{%- set goods_hash = row_hash(
    ['receipt_id', 'line_no', 'product_id', 'line_type', 'quantity']
) %}

with

receipts as (
    select * from {{ ref('int_receipts') }}
    where {{ is_receipt_of_touched_customer() }}
),

sales_lines as (
    select * from {{ ref('int_sales_lines') }}
),

products as (
    select * from {{ ref('int_products') }}
),

cost_lines as (
    select
        sales_lines.*,
        case
            when sales_lines.is_revenue then abs(sales_lines.net_sales)
        end as turnover,
        case
            when sales_lines.is_revenue and products.unit_cost is not null
                then abs(sales_lines.net_sales)
        end as covered_turnover,
        -- Returns take their cost back with them, on the sale that they belong to.
        case
            when sales_lines.is_revenue
                then
                    sales_lines.net_sales
                    - cast(sales_lines.quantity * products.unit_cost as decimal(18, 2))
        end as margin
    from sales_lines
    left join products on sales_lines.product_id = products.product_id
),

sum_own_lines as (
    select
        receipt_id,
        count(*) as line_count,
        sum(item_quantity) as item_quantity,
        sum(net_sales) as net_sales,
        sum(item_quantity) filter (where order_receipt_id = receipt_id) as kept_item_quantity,
        sum(net_sales) filter (where order_receipt_id = receipt_id) as kept_net_sales,
        sum(turnover) filter (where order_receipt_id = receipt_id) as kept_turnover,
        sum(covered_turnover) filter (where order_receipt_id = receipt_id)
            as kept_covered_turnover,
        sum(margin) filter (where order_receipt_id = receipt_id) as kept_margin,
        -sum(net_sales) filter (where is_return) as returns_amount,
        sum(line_discount_amount + receipt_discount_amount) as discount_amount,
        -- Discounts and what they are a share of keep the tax as the register sent it, both alike.
        sum(line_discount_amount + receipt_discount_amount) filter (
            where is_revenue and not is_return
        ) as sold_discount_amount,
        sum(line_amount + line_discount_amount) filter (
            where is_revenue and not is_return
        ) as sold_amount_before_discount,
        sum(tax_amount) as tax_amount,
        sum(amount_inc_tax) as total_inc_tax,
        bool_or(is_unlinked_return) as is_unlinked_return,
        bit_xor({{ goods_hash }}) filter (where order_receipt_id = receipt_id) as goods_hash
    from cost_lines
    where {{ is_receipt_of_touched_customer() }}
    group by receipt_id
),

-- Returns that go back to the sale on another receipt: few, so only they are grouped twice.
sum_returns_of_orders as (
    select
        order_receipt_id as receipt_id,
        sum(item_quantity) as item_quantity,
        sum(net_sales) as net_sales,
        sum(turnover) as turnover,
        sum(covered_turnover) as covered_turnover,
        sum(margin) as margin,
        bit_xor({{ goods_hash }}) as goods_hash
    from cost_lines
    where order_receipt_id <> receipt_id
    group by order_receipt_id
),

measure_receipts as (
    select
        receipts.*,
        coalesce(own.line_count, 0) as line_count,
        coalesce(own.item_quantity, 0) as item_quantity,
        coalesce(own.kept_item_quantity, 0) + coalesce(returned.item_quantity, 0)
            as order_item_quantity,
        coalesce(own.net_sales, 0) as net_sales_refund_dated,
        coalesce(own.kept_net_sales, 0) + coalesce(returned.net_sales, 0)
            as net_sales_order_dated,
        coalesce(own.kept_turnover, 0) + coalesce(returned.turnover, 0) as order_turnover,
        coalesce(own.kept_covered_turnover, 0) + coalesce(returned.covered_turnover, 0)
            as order_covered_turnover,
        -- NULL where no cost is known: no margin is not a margin of 0.
        case
            when coalesce(own.kept_margin, returned.margin) is not null
                then coalesce(own.kept_margin, 0) + coalesce(returned.margin, 0)
        end as order_margin,
        coalesce(own.returns_amount, 0) as returns_amount,
        coalesce(own.discount_amount, 0) as discount_amount,
        coalesce(own.sold_discount_amount, 0) as sold_discount_amount,
        coalesce(own.sold_amount_before_discount, 0) as sold_amount_before_discount,
        coalesce(receipts.points_used, 0) as points_amount,
        coalesce(own.tax_amount, 0) as tax_amount,
        coalesce(own.total_inc_tax, 0) as computed_total_inc_tax,
        coalesce(own.is_unlinked_return, false) as is_unlinked_return,
        {{ row_hash(['own.goods_hash', 'returned.goods_hash']) }} as goods_hash
    from receipts
    left join sum_own_lines as own on receipts.receipt_id = own.receipt_id
    left join sum_returns_of_orders as returned on receipts.receipt_id = returned.receipt_id
),

qualify_receipts as (
    select
        *,
        receipt_type = 'sale'
        and not is_internal
        and net_sales_order_dated > 0
        and order_item_quantity > 0 as is_qualifying
    from measure_receipts
),

-- Guests stay out of the ranking: they would share one window, and all but the first would look
-- like customers who came back.
find_first_orders as (
    select receipt_id
    from qualify_receipts
    where is_qualifying and customer_key is not null
    qualify row_number() over (
        partition by customer_key
        order by
            business_date asc nulls last,
            closed_at asc nulls last,
            receipt_id asc nulls last
    ) = 1
),

final as (
    select
        qualified.receipt_id,
        qualified.store_id,
        qualified.customer_key,
        qualified.staff_id,
        qualified.register_id,
        qualified.receipt_type,
        qualified.original_receipt_id,
        qualified.currency,
        qualified.business_date,
        qualified.closed_at,
        cast(qualified.line_count as bigint) as line_count,
        cast(qualified.item_quantity as bigint) as item_quantity,
        cast(qualified.order_item_quantity as bigint) as order_item_quantity,
        cast(qualified.net_sales_refund_dated as decimal(18, 2)) as net_sales_refund_dated,
        cast(qualified.net_sales_order_dated as decimal(18, 2)) as net_sales_order_dated,
        cast(qualified.order_turnover as decimal(18, 2)) as order_turnover,
        cast(qualified.order_covered_turnover as decimal(18, 2)) as order_covered_turnover,
        cast(qualified.order_margin as decimal(18, 2)) as order_margin,
        cast(qualified.returns_amount as decimal(18, 2)) as returns_amount,
        cast(qualified.discount_amount as decimal(18, 2)) as discount_amount,
        cast(qualified.sold_discount_amount as decimal(18, 2)) as sold_discount_amount,
        cast(qualified.sold_amount_before_discount as decimal(18, 2))
            as sold_amount_before_discount,
        cast(qualified.points_amount as decimal(18, 2)) as points_amount,
        cast(qualified.tax_amount as decimal(18, 2)) as tax_amount,
        cast(qualified.computed_total_inc_tax as decimal(18, 2)) as total_inc_tax,
        qualified.is_qualifying,
        qualified.is_unlinked_return,
        qualified.is_internal,
        qualified.goods_hash,
        case
            when qualified.customer_key is null then 'unidentified'
            when first_orders.receipt_id is not null then 'new'
            when qualified.is_qualifying then 'repeat'
        end as new_or_repeat
    from qualify_receipts as qualified
    left join find_first_orders as first_orders
        on qualified.receipt_id = first_orders.receipt_id
)

select * from final
