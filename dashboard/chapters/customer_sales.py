"""What one person bought, and may buy next."""

from __future__ import annotations

from dashboard.data import Row
from dashboard.parts import section
from dashboard.tables import Column
from dashboard.view import View

SHOWN = 50
_RECEIPTS = f"""
select r.closed_at, r.receipt_type, coalesce(s.store_name, r.store_id) as store_name,
    r.order_item_quantity, r.net_sales_refund_dated as net_sales, r.discount_amount,
    r.points_amount
from marts.fct_sales_receipt r left join marts.dim_store s using (store_id)
where r.customer_key = $key order by r.closed_at desc, r.receipt_id limit {SHOWN}
"""
_PRODUCTS = """
select coalesce(p.product_name, l.product_id) as product_name, p.category_1,
    sum(l.item_quantity) as items, sum(l.net_sales) as net_sales,
    count(distinct l.receipt_id) as receipts, max(l.business_date) as last_date
from marts.fct_sales_line l left join marts.dim_product p using (product_id)
where l.customer_key = $key and l.is_revenue
group by all order by net_sales desc, product_name limit 20
"""
_NEXT = """
select n.product_rank, coalesce(p.product_name, n.product_id) as product_name, p.category_1,
    n.reason, coalesce(b.product_name, n.because_product_id) as because, n.confidence
from marts.customer_next_product n left join marts.dim_product p using (product_id)
left join marts.dim_product b on b.product_id = n.because_product_id
where n.customer_key = $key order by n.product_rank
"""
_TIMING = """
select category, n_purchase_days, last_purchase_date, median_gap_days, expected_next_date,
    overdue_days
from marts.purchase_timing where customer_key = $key
order by category <> 'all', expected_next_date nulls last, category
"""
_UPSELL = """
select category, n_purchase_days, first_tier, latest_tier, direction
from marts.upsell where customer_key = $key order by n_purchase_days desc, category
"""


def show(view: View, row: Row) -> None:
    """Draw this part of the page."""
    key = row["customer_key"]
    section(view, "Next products to offer", view.rows(_NEXT, key=key), (
        Column("product_name", "Product"),
        Column("category_1", "Category"),
        Column("reason", "Why", "code"),
        Column("because", "Because they bought"),
        Column("confidence", "Confidence", "share"),
    ))  # fmt: skip
    section(view, "When they may buy again", view.rows(_TIMING, key=key), (
        Column("category", "Category", "code"),
        Column("n_purchase_days", "Days with a purchase", "count"),
        Column("last_purchase_date", "Last purchase", "date"),
        Column("median_gap_days", "Days between, median", "count"),
        Column("expected_next_date", "Expected", "date"),
        Column("overdue_days", "Days overdue", "count"),
    ))  # fmt: skip
    section(view, "Purchases", view.rows(_RECEIPTS, key=key), (
        Column("closed_at", "When", "instant"),
        Column("store_name", "Store"),
        Column("receipt_type", "What", "receipt"),
        Column("order_item_quantity", "Items", "count"),
        Column("net_sales", "Net sales", "amount"),
        Column("discount_amount", "Discount", "amount"),
        Column("points_amount", "Points", "amount"),
    ))  # fmt: skip
    section(view, "Products bought", view.rows(_PRODUCTS, key=key), (
        Column("product_name", "Product"),
        Column("category_1", "Category"),
        Column("items", "Items", "count"),
        Column("receipts", "Receipts", "count"),
        Column("net_sales", "Net sales", "amount"),
        Column("last_date", "Last purchase", "date"),
    ))  # fmt: skip
    section(view, "Price level", view.rows(_UPSELL, key=key), (
        Column("category", "Category"),
        Column("n_purchase_days", "Days with a purchase", "count"),
        Column("first_tier", "First price tier", "number"),
        Column("latest_tier", "Latest price tier", "number"),
        Column("direction", "Direction", "code"),
    ))  # fmt: skip
