"""Stores by day: the days add up to the receipts, and the last one is not out of the ordinary."""

from expectations.drift import share_drift
from expectations.kept import sales_kept
from expectations.mart_rules import known_stores, mart_suite
from expectations.model import Rule, no_result, no_rows, not_null, reconciles
from expectations.volumes import near_weekday_median, unusual_store_days


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
    reconciles(
        "identified_sales_equal_customers",
        "select sum(identified_net_sales) from {table}",
        "select sum(net_sales_lifetime) from marts.customer_360",
        "Sales to known people are not those of customer_360: report it.",
    ),
    no_result(
        "equal_kpi_daily",
        "select store_id, business_date from {table} as here full join "
        "(select scope_key as store_id, business_date, numerator from marts.kpi_daily "
        "where kpi = 'net_sales' and scope_type = 'store') as kpis "
        "using (store_id, business_date) "
        "where coalesce(here.net_sales, 0) <> coalesce(kpis.numerator, 0)",
        "A store's day has other net sales here than in kpi_daily: report it.",
    ),
    near_weekday_median(
        "sales_near_weekday_median",
        "net_sales",
        "{table}",
        least="(select case when median(receipts) >= {min_usual_amount} then 0 end from (select "
        "sum(receipts) as receipts from {table} where business_date > {as_of} - 56 "
        "group by business_date))",
        what="Sales",
    ),
    near_weekday_median(
        "receipts_near_weekday_median",
        "receipts",
        "{table}",
        least="{min_usual_amount}",
        what="Receipts",
    ),
    unusual_store_days(),
    share_drift(
        "channel_shares_steady",
        "select here.business_date as day, stores.channel as subject, "
        "sum(greatest(here.net_sales, 0)) as part, sum(here.receipts) as row_count "
        "from {table} as here inner join marts.dim_store as stores using (store_id) group by all",
        "A channel's share of sales is far from that of the eight weeks before: did its feed "
        "arrive whole? Compare the stores of the channel.",
        days=7,
    ),
    sales_kept(),
    dates=("business_date",),
)
