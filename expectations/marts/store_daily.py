"""Stores by day: the days add up to the receipts, and the last one is not out of the ordinary."""

from expectations.mart_rules import known_stores, mart_suite
from expectations.model import Rule, Severity, no_rows, not_null, reconciles

WEEKDAY_RATIO = (
    "with days as (select business_date, sum(net_sales) as net_sales from {table} "
    "group by business_date), "
    "earlier as (select net_sales from days where business_date < {as_of} "
    "and isodow(business_date) = isodow({as_of}) "
    "order by business_date desc limit {weekdays_compared}), "
    "usual as (select median(net_sales) as net_sales from earlier "
    "having count(*) >= {min_weekdays_compared} and median(net_sales) > 0), "
    "last_day as (select coalesce(sum(net_sales), 0) as net_sales from days "
    "where business_date = {as_of}) "
    "select last_day.net_sales / usual.net_sales from last_day cross join usual"
)


def _equals_receipts(column: str, summed: str, where: str = "true") -> Rule:
    return reconciles(
        f"{column}_equal_receipts",
        f"select sum({column}) from {{table}}",
        f"select {summed} from marts.fct_sales_receipt where {where}",
        f"{column} of all stores and days does not add up to the receipts: report it.",
    )


SUITE = mart_suite(
    "store_daily",
    ("store_id", "business_date"),
    not_null("net_sales"),
    known_stores(),
    _equals_receipts("receipts", "count(*)", "receipt_type = 'sale'"),
    _equals_receipts("return_receipts", "count(*)", "receipt_type = 'return'"),
    _equals_receipts("net_sales", "sum(net_sales_refund_dated)"),
    _equals_receipts("net_sales_order_dated", "sum(net_sales_order_dated)"),
    _equals_receipts("total_inc_tax", "sum(total_inc_tax)"),
    _equals_receipts("tax_amount", "sum(tax_amount)"),
    _equals_receipts("returns_amount", "sum(returns_amount)"),
    _equals_receipts(
        "identified_net_sales", "sum(net_sales_refund_dated)", "customer_key is not null"
    ),
    no_rows(
        "parts_not_above_whole",
        "identified_receipts > receipts or least(receipts, return_receipts, q_orders) < 0 "
        "or q_orders > receipts",
        "A part of a day's receipts is greater than the whole: report it.",
        acceptable=False,
    ),
    Rule(
        "sales_near_weekday_median",
        f"coalesce(({WEEKDAY_RATIO}), 1)",
        "Sales of the last day are far from the median of that weekday (1 is equal): a shop may "
        "have been closed, a feed incomplete, or there was a sale. Compare with the stores.",
        low="min_sales_to_median",
        high="max_sales_to_median",
        severity=Severity.WARNING,
        acceptable=True,
    ),
    dates=("business_date",),
)
