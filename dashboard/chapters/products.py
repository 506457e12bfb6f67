"""Products: what goes together, what to offer next, what is due again, price levels."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from dashboard.parts import choose, section, store, switch
from dashboard.tables import Column, table
from dashboard.view import View

_PAIRS = """
select coalesce(a.product_name, p.item_a) as item_a, coalesce(b.product_name, p.item_b) as item_b,
    p.n_ab, p.confidence, p.lift_adjusted, p.lift_adjusted_low, p.lift_adjusted_high, p.n_a, p.n_b
from marts.basket_pair p
left join marts.dim_product a on p.level = 'product' and a.product_id = p.item_a
left join marts.dim_product b on p.level = 'product' and b.product_id = p.item_b
where p.level = $level and p.is_affinity
    and p.scope_type = if($store = 'all', 'all', 'store') and p.scope_key = $store
    and ($find = '' or contains(lower(concat_ws(' ', a.product_name, b.product_name, p.item_a,
        p.item_b)), lower($find)))
order by {order} desc, p.item_a, p.item_b limit 50
"""
_OFFERS = """
select coalesce(p.product_name, n.product_id) as product_name, p.category_1,
    count(*) as customers, count(*) filter (n.product_rank = 1) as first,
    count(*) filter (n.reason = 'replenish') / count(*) as replenish,
    count(*) filter (n.reason = 'goes_with') / count(*) as goes_with,
    count(*) filter (n.reason = 'popular') / count(*) as popular
from marts.customer_next_product n left join marts.dim_product p using (product_id)
group by all order by first desc, customers desc, product_name limit 50
"""
_CYCLES = """
select category, buyers, repeat_buyer_rate, cycle_days, p25_gap_days, p75_gap_days,
    customers_not_due, customers_due, customers_lapsed
from marts.category_replenishment
where category_level = $level and scope_key = $store
order by customers_due desc, category limit 100
"""
_UPSELL = """
select category, count(*) as customers, count(*) filter (upsell_flag) as dearer,
    count(*) filter (direction = 'same') as same, count(*) filter (direction = 'down') as cheaper,
    count(*) filter (upsell_flag) / count(*) as dearer_share
from marts.upsell group by category order by customers desc, category
"""
_SALES = """
select coalesce(p.product_name, l.product_id) as product_name, p.category_1,
    sum(l.net_sales) as net_sales, sum(l.item_quantity) as items,
    count(distinct l.receipt_id) as receipts, count(distinct l.customer_key) as customers
from marts.fct_sales_line l left join marts.dim_product p using (product_id)
where l.is_revenue and l.is_merchandise and $store in ('all', l.store_id)
    and l.business_date > $since
group by all order by net_sales desc, product_name limit 50
"""


def show(view: View) -> None:
    """Draw the page."""
    parts = {
        "baskets": _baskets,
        "offers": _offers,
        "cycles": _cycles,
        "price": _price,
        "best_sellers": _sales,
    }
    parts[switch(view, "Part", list(parts), "part")](view)


def _baskets(view: View) -> None:
    first, second, third, fourth = st.columns(4)
    with first:
        level = choose(view, "Of", ["product", "category"], "level")
    with second:
        shop = store(view)
    with third:
        orders = {"lift_adjusted": view.words("Strength"), "n_ab": view.words("Receipts with both")}
        order = choose(view, "Sorted by", list(orders), "order", orders)
    with fourth:
        find = st.text_input(view.words("Name or id holds"), key="find", bind="query-params")
    query = _PAIRS.format(order=f"p.{order}")
    rows = view.rows(query, level=level, store=shop, find=find.strip())
    section(view, "Bought together more often than by chance", rows, (
        Column("item_a", "Who buys"),
        Column("item_b", "also buys"),
        Column("n_ab", "Receipts with both", "count"),
        Column("confidence", "Of those with the first", "share"),
        Column("lift_adjusted", "Times chance", "number"),
        Column("lift_adjusted_low", "at least", "number"),
        Column("lift_adjusted_high", "at most", "number"),
    ))  # fmt: skip
    st.caption(
        view.words("Receipts of 365 days. Chance allows for receipts being of different size.")
    )


def _offers(view: View) -> None:
    section(view, "Products to offer next", view.rows(_OFFERS), (
        Column("product_name", "Product"),
        Column("category_1", "Category"),
        Column("first", "Offered first to", "count"),
        Column("customers", "On the list of", "count"),
        Column("replenish", "Due again", "share"),
        Column("goes_with", "Goes with what they bought", "share"),
        Column("popular", "Best seller", "share"),
    ))  # fmt: skip


def _cycles(view: View) -> None:
    left, right = st.columns(2)
    with left:
        level = choose(view, "Of", ["widest", "narrowest"], "level")
    with right:
        shop = store(view)
    rows = view.rows(_CYCLES, level=level, store=shop)
    section(view, "How soon it is bought again, and for whom it is due", rows, (
        Column("category", "Category"),
        Column("buyers", "Customers", "count"),
        Column("repeat_buyer_rate", "Bought again", "share"),
        Column("cycle_days", "Usual gap", "days"),
        Column("p25_gap_days", "A quarter within", "days"),
        Column("p75_gap_days", "Three quarters within", "days"),
        Column("customers_not_due", "Not due yet", "count"),
        Column("customers_due", "Due now", "count"),
        Column("customers_lapsed", "Overdue", "count"),
    ))  # fmt: skip


def _price(view: View) -> None:
    section(view, "Customers who choose dearer goods than at first", view.rows(_UPSELL), (
        Column("category", "Category"),
        Column("customers", "Customers", "count"),
        Column("dearer", "Dearer", "count"),
        Column("same", "As before", "count"),
        Column("cheaper", "Cheaper", "count"),
        Column("dearer_share", "Share of dearer", "share"),
    ))  # fmt: skip


def _sales(view: View) -> None:
    shop = store(view)
    since = view.version.as_of - timedelta(days=91)
    st.subheader(view.words("Best sellers of the last {n} days", n=91), anchor=False)
    table(view, view.rows(_SALES, store=shop, since=since), (
        Column("product_name", "Product"),
        Column("category_1", "Category"),
        Column("net_sales", "Net sales", "amount"),
        Column("items", "Items", "count"),
        Column("receipts", "Receipts", "count"),
        Column("customers", "Customers", "count"),
    ))  # fmt: skip
