"""Lines that count: every staged line once, its amounts in balance."""

from expectations.drift import share_drift
from expectations.mart_rules import known_products, known_stores, mart_suite
from expectations.model import Rule, in_set, no_rows, not_null
from expectations.receipts_sql import COUNTED

LINE_TYPES = ("sale", "return", "gift_card_sale", "point_charge", "deposit", "fee")

SUITE = mart_suite(
    "fct_sales_line",
    ("receipt_id", "line_no"),
    not_null("business_date"),
    not_null("order_receipt_id"),
    not_null("currency"),
    not_null("net_amount"),
    not_null("tax_amount"),
    not_null("net_sales"),
    not_null("is_revenue"),
    in_set("line_type", LINE_TYPES, acceptable=False),
    in_set("receipt_type", ("sale", "return"), acceptable=False),
    known_stores(),
    known_products(),
    Rule(
        "lines_equal_staging",
        "(with staged as (select count(*) as line_count, coalesce(sum(line_amount), 0) as amount "
        "from staging.stg_pos__receipt_lines where receipt_id in "
        f"(select counted.receipt_id from ({COUNTED}) as counted)), "
        "here as (select count(*) as line_count, coalesce(sum(line_amount), 0) as amount "
        "from {table}) "
        "select abs(here.line_count - staged.line_count) + abs(here.amount - staged.amount) "
        "from here cross join staged)",
        "The lines of counted receipts, or the sum of their amounts as the register sent them, "
        "differ between staging and the fact: lines were lost or doubled. Report it.",
    ),
    no_rows(
        "amount_is_net_plus_tax",
        "amount_inc_tax is distinct from net_amount + tax_amount",
        "amount_inc_tax must be net_amount + tax_amount: report it.",
        acceptable=False,
    ),
    no_rows(
        "net_sales_is_revenue_only",
        "net_sales is distinct from case when is_revenue then net_amount else 0 end",
        "net_sales must be the net amount of revenue lines and 0 of the others (gift cards, point "
        "charges, deposits): report it.",
        acceptable=False,
    ),
    no_rows(
        "amount_follows_discounts",
        "line_amount - receipt_discount_amount - points_amount is distinct from "
        "case when tax_included then amount_inc_tax else net_amount end",
        "The amount of a line must be what the register sent less its share of receipt discounts "
        "and points: report it.",
        acceptable=False,
    ),
    share_drift(
        "category_shares_steady",
        "select here.business_date as day, coalesce(products.category_1, '(none)') as subject, "
        "sum(greatest(here.net_sales, 0)) as part, count(*) as row_count from {table} as here "
        "left join marts.dim_product as products using (product_id) "
        "where here.business_date > {as_of} - 63 group by all",
        "A category's share of sales is far from that of the eight weeks before: did all tills "
        "send their lines, and the master its categories? Compare the categories by day.",
        days=7,
    ),
    dates=("business_date", "order_business_date"),
    slot="line_no",
)
