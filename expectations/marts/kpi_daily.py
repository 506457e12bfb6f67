"""Indicators by day: named, divided rightly, adding up to sales."""

from expectations.mart_rules import mart_suite
from expectations.model import Severity, in_set, no_result, no_rows, not_null, reconciles

BOUNDED_RATES = (
    "identified_receipt_rate",
    "identified_sales_rate",
    "returning_customer_rate",
    "email_hard_bounce_rate",
    "csat",
)
# Parts of money or of an earlier day: returns or opens of yesterday's may exceed today's whole.
OPEN_RATES = (
    "discount_rate",
    "return_rate",
    "unlinked_return_rate",
    "email_human_open_rate",
    "email_click_rate",
    "email_unsubscribe_rate",
)
PER_THOUSAND = ("complaint_rate",)
COUNTS = (
    "net_sales",
    "receipts",
    "members",
    "members_net_add",
    "new_customers",
    "active_customers_90d",
    "tickets",
)
MEANS = ("items_per_receipt", "aov")
KPIS = (*COUNTS, *MEANS, *BOUNDED_RATES, *OPEN_RATES, *PER_THOUSAND)

SUITE = mart_suite(
    "kpi_daily",
    ("kpi", "business_date", "scope_type", "scope_key"),
    in_set("kpi", KPIS, acceptable=False),
    in_set("scope_type", ("all", "store"), acceptable=False),
    not_null("is_final"),
    no_result(
        "store_scopes_known",
        "select distinct scope_key from {table} as here where scope_type = 'store' and not exists "
        "(select 1 from marts.dim_store as stores where stores.store_id = here.scope_key)",
        "An indicator names a store that dim_store lacks: report it.",
        row_id=("scope_key",),
    ),
    no_result(
        "every_day_for_all",
        "with kpis as (select distinct kpi from {table}) "
        "select kpis.kpi, days.date_key from kpis cross join marts.dim_date as days "
        "where not exists (select 1 from {table} as here where here.kpi = kpis.kpi "
        "and here.business_date = days.date_key and here.scope_type = 'all')",
        "An indicator lacks a day for the whole company; a chart would have a hole: report it.",
        row_id=("kpi", "date_key"),
    ),
    no_rows(
        "null_without_denominator",
        "(coalesce(denominator, 0) = 0) <> (value is null)",
        "A value must be NULL exactly where there is nothing to divide by: report it.",
        acceptable=False,
    ),
    no_rows(
        "value_is_ratio",
        "denominator <> 0 "
        "and abs(value - cast(numerator as double) / denominator) > {rate_tolerance}",
        "A value is not its numerator divided by its denominator: report it.",
        acceptable=False,
    ),
    no_rows(
        "rates_are_shares",
        f"kpi in {BOUNDED_RATES} and (value < 0 or value > 1)",
        "A share must lie between 0 and 1: its numerator and denominator do not belong together. "
        "Report it.",
        acceptable=False,
    ),
    no_rows(
        "rates_plausible",
        f"kpi in {OPEN_RATES} and (value < 0 or value > 1)",
        "A rate lies outside 0 and 1, which only a day of returns or late responses explains.",
        severity=Severity.WARNING,
    ),
    no_rows(
        "counts_not_negative",
        "kpi in ('receipts', 'members', 'new_customers', 'active_customers_90d', 'tickets') "
        "and numerator < 0",
        "A count is negative: report it.",
        acceptable=False,
    ),
    reconciles(
        "net_sales_equal_lines",
        "select sum(numerator) from {table} where kpi = 'net_sales' and scope_type = 'all'",
        "select sum(net_sales) from marts.fct_sales_line",
        "Net sales of all days do not add up to the lines: report it.",
    ),
    reconciles(
        "net_sales_of_stores_equal_lines",
        "select sum(numerator) from {table} where kpi = 'net_sales' and scope_type = 'store'",
        "select sum(net_sales) from marts.fct_sales_line",
        "Net sales of all stores do not add up to the lines: report it.",
    ),
    reconciles(
        "receipts_equal_facts",
        "select sum(numerator) from {table} where kpi = 'receipts' and scope_type = 'all'",
        "select count(*) from marts.fct_sales_receipt where receipt_type = 'sale'",
        "Receipts of all days do not add up to the fact: report it.",
    ),
    dates=("business_date",),
)
