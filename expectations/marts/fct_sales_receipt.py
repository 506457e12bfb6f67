"""Receipts that count: both refund clocks give one sum, totals are the register's."""

from expectations.kept import receipts_kept
from expectations.mart_rules import known_customers, known_stores, mart_suite
from expectations.model import (
    RECENT,
    Severity,
    day_share_at_most,
    in_set,
    no_result,
    no_rows,
    not_null,
    reconciles,
    share_at_most,
)
from expectations.receipts_sql import COUNTED
from expectations.thresholds import minor_unit
from expectations.volumes import near_weekday_median


def _wrong_totals(columns: str, receipts: str) -> str:
    return (
        f"select {columns} from {receipts} as here join staging.stg_pos__receipts as header "
        "using (receipt_id) where abs(here.total_inc_tax - header.total_inc_tax) "
        f"> {minor_unit('here.currency')}"
    )


WRONG_TOTAL = no_result(
    "total_equals_header",
    _wrong_totals("here.receipt_id", "{table}"),
    "The total computed from the lines is not the one on the receipt. Check how the register "
    "rounds tax (tax_rounding) and whether its points are a discount or a tender (points_as).",
    severity=Severity.WARNING,
    acceptable=True,
)

SUITE = mart_suite(
    "fct_sales_receipt",
    ("receipt_id",),
    not_null("business_date"),
    not_null("store_id"),
    not_null("currency"),
    not_null("is_qualifying"),
    not_null("net_sales_refund_dated"),
    not_null("net_sales_order_dated"),
    in_set("receipt_type", ("sale", "return"), acceptable=False),
    in_set("new_or_repeat", ("new", "repeat", "unidentified"), acceptable=False),
    known_stores(),
    known_customers(),
    reconciles(
        "row_count_equals_staging",
        "select count(*) from {table}",
        f"select count(*) from ({COUNTED})",
        "Receipts were lost or doubled between staging and the fact: report it.",
    ),
    reconciles(
        "refund_dated_equals_lines",
        "select sum(net_sales_refund_dated) from {table}",
        "select sum(net_sales) from marts.fct_sales_line",
        "Net sales by the day of the refund do not add up to the lines: report it.",
    ),
    reconciles(
        "order_dated_equals_refund_dated",
        "select sum(net_sales_order_dated) from {table}",
        "select sum(net_sales_refund_dated) from {table}",
        "The two refund clocks only move refunds between days, so both must give one sum: report "
        "it.",
    ),
    no_result(
        "receipt_equals_its_lines",
        "with summed as (select receipt_id, sum(net_sales) as net_sales, count(*) as line_count "
        "from marts.fct_sales_line group by receipt_id) "
        "select receipt_id from {table} as here full join summed using (receipt_id) "
        "where here.net_sales_refund_dated is distinct from coalesce(summed.net_sales, 0) "
        "or here.line_count is distinct from coalesce(summed.line_count, 0)",
        "A receipt differs from the sum of its lines: report it.",
    ),
    WRONG_TOTAL,
    share_at_most(WRONG_TOTAL, "max_total_mismatch_share"),
    day_share_at_most(
        WRONG_TOTAL,
        "max_total_mismatch_share",
        _wrong_totals(
            "here.receipt_id, here.business_date", f"(select * from {{table}} where {RECENT})"
        )
        + " and abs(here.total_inc_tax - header.total_inc_tax) "
        "> {gross_mismatch_share} * abs(header.total_inc_tax)",
        least="min_total_mismatches",
    ),
    near_weekday_median(
        "lines_near_weekday_median",
        "line_count",
        "{table}",
        least="{min_usual_amount}",
        what="Lines",
    ),
    receipts_kept(),
    no_rows(
        "qualifying_orders_are_sales",
        "is_qualifying and (receipt_type <> 'sale' or is_internal "
        "or net_sales_order_dated <= 0 or order_item_quantity <= 0)",
        "A qualifying order must be a sale to a customer with something left of it after returns: "
        "report it.",
        acceptable=False,
    ),
    no_rows(
        "guests_are_unidentified",
        "(customer_key is null) <> coalesce(new_or_repeat = 'unidentified', false)",
        "Receipts without a customer, and only these, are 'unidentified': report it.",
        acceptable=False,
    ),
    no_result(
        "one_first_order_a_customer",
        "select customer_key from {table} where is_qualifying and customer_key is not null "
        "group by customer_key having count(*) filter (where new_or_repeat = 'new') <> 1",
        "A customer with orders must have exactly one first order: report it.",
        row_id=("customer_key",),
    ),
    dates=("business_date",),
)
