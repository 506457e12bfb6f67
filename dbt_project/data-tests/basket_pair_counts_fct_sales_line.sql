-- The baskets that pairs are shares of, and those with each of their products, are those of the
-- published lines, whatever nights added up to them. Exact, no tolerance.

with

sales_lines as (
    select * from {{ ref('fct_sales_line') }}
),

receipts as (
    select * from {{ ref('fct_sales_receipt') }}
),

products as (
    select * from {{ ref('dim_product') }}
),

basket_pairs as (
    select * from {{ ref('basket_pair') }}
    where scope_type = 'all' and level = 'product'
),

items as (
    select
        sales_lines.order_receipt_id,
        sales_lines.product_id,
        count(*) over (partition by sales_lines.order_receipt_id) as n_items
    from sales_lines
    inner join receipts on sales_lines.order_receipt_id = receipts.receipt_id
    inner join products on sales_lines.product_id = products.product_id
    where
        receipts.receipt_type = 'sale'
        and not receipts.is_internal
        and {{ in_window('receipts.business_date', var('basket_days')) }}
        and sales_lines.is_merchandise
        and not coalesce(products.is_sample, false)
        and products.membership_months is null
    group by sales_lines.order_receipt_id, sales_lines.product_id
    having sum(sales_lines.quantity) > 0
),

counted as (
    select product_id, count(*) as n_baskets
    from items
    where n_items <= {{ var('basket_max_products') }}
    group by product_id
),

all_baskets as (
    select count(distinct order_receipt_id) as n_baskets
    from items
    where n_items <= {{ var('basket_max_products') }}
)

select basket_pairs.item_a, basket_pairs.n_a, counted.n_baskets
from basket_pairs
cross join all_baskets
left join counted on basket_pairs.item_a = counted.product_id
where
    basket_pairs.n_a is distinct from counted.n_baskets
    or basket_pairs.n_baskets <> all_baskets.n_baskets
