"""Indicators by day: named, divided rightly, adding up to sales."""

from expectations.mart_rules import mart_suite
from expectations.model import Severity, in_set, no_result, no_rows, not_null, reconciles

BOUNDED_RATES = (
    "identified_receipt_rate",
    "identified_sales_rate",
    "repeat_sales_share",
    "campaign_sales_share",
    "returning_customer_rate",
    "repeat_purchase_rate",
    "F2_rate",
    "omni_share",
    "dormant_share",
    "churn_rate",
    "reactivation_rate",
    "hard_bounce_rate",
    "csat",
)
# Parts of money or of an earlier day: returns or opens of yesterday's may exceed today's whole.
OPEN_RATES = (
    "discount_rate",
    "return_rate",
    "unlinked_return_rate",
    "email_human_open_rate",
    "ctr",
    "unsub_rate",
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
MEDIANS = ("first_reply_p50", "full_resolution_p50")
SCORES = ("nps",)
KPIS = (*COUNTS, *MEANS, *BOUNDED_RATES, *OPEN_RATES, *PER_THOUSAND, *MEDIANS, *SCORES)

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
        "medians_have_no_numerator",
        f"(kpi in {MEDIANS}) <> (numerator is null) or (kpi in {MEDIANS} and value < 0)",
        "A median is made of no sum and no ticket ends before it begins: report it.",
        acceptable=False,
    ),
    no_rows(
        "nps_in_range",
        "kpi = 'nps' and (value < -100 or value > 100)",
        "A score of promoters less detractors lies between -100 and 100: report it.",
        acceptable=False,
    ),
    no_result(
        "company_kpis_complete",
        f"select kpi from (select unnest({list(KPIS)}) as kpi) as known "
        "where kpi not in (select kpi from {table})",
        "A KPI is missing altogether: report it.",
        row_id=("kpi",),
    ),
    no_rows(
        "rates_plausible",
        f"kpi in {OPEN_RATES} and (value < 0 or value > 1)",
        "A rate lies outside 0 and 1, which only a day of returns or late responses explains. "
        "Check that day.",
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
        "campaign_sales_equal_attribution",
        "select sum(numerator) from {table} where kpi = 'campaign_sales_share' "
        "and scope_type = 'all'",
        "select sum(net_sales_order_dated) from marts.campaign_attribution",
        "Sales of campaigns of all days do not add up to the attributed orders: report it.",
    ),
    reconciles(
        "new_customers_equal_firsts",
        "select sum(numerator) from {table} where kpi = 'new_customers' and scope_type = 'all'",
        "select count(distinct customer_key) from marts.fct_sales_receipt "
        "where is_qualifying and customer_key is not null",
        "Everybody with an order was new once, yet the days do not add up to them: report it.",
    ),
    reconciles(
        "buyers_equal_facts",
        "select sum(denominator) from {table} where kpi = 'repeat_purchase_rate' "
        "and business_date = {as_of}",
        "select count(distinct customer_key) from marts.fct_sales_receipt "
        "where is_qualifying and customer_key is not null",
        "The customers with an order on the as-of date are not those of the receipts: report it.",
    ),
    reconciles(
        "tickets_equal_facts",
        "select sum(numerator) from {table} where kpi = 'tickets'",
        "select count(*) from marts.support_ticket",
        "Tickets of all days do not add up to the tickets: report it.",
    ),
    no_result(
        "churn_equals_lifecycle_flow",
        "select kpi, business_date, scope_type, scope_key from {table} as here inner join "
        "(select month_end, sum(customers) filter (where is_from_active and is_to_dormant) "
        "as lapsed, sum(customers) filter (where is_from_active) as active "
        "from marts.lifecycle_flow group by all) as flow on flow.month_end = here.business_date "
        "where kpi = 'churn_rate' and (denominator <> active or numerator <> coalesce(lapsed, 0))",
        "The churn rate at a month's end is not that of lifecycle_flow: report it.",
    ),
    no_result(
        "medians_equal_tickets",
        "select kpi, business_date, scope_type, scope_key from {table} as here left join "
        "(select 'first_reply_p50' as kpi, created_date as on_date, "
        "median(first_reply_min_calendar) as minutes from marts.support_ticket group by all "
        "union all select 'full_resolution_p50', solved_date, "
        "median(full_resolution_min_calendar) from marts.support_ticket group by all) as tickets "
        "using (kpi) where on_date = business_date "
        "and abs(value - minutes) > {rate_tolerance} * greatest(1, minutes)",
        "A median of the day is not that of its tickets in support_ticket: report it.",
    ),
    reconciles(
        "receipts_equal_facts",
        "select sum(numerator) from {table} where kpi = 'receipts' and scope_type = 'all'",
        "select count(*) from marts.fct_sales_receipt where receipt_type = 'sale'",
        "Receipts of all days do not add up to the fact: report it.",
    ),
    dates=("business_date",),
)
