"""Retention: cohorts add up to the customers, all bought in their own month, shares are shares."""

from expectations.cohort_rules import cohort_suite
from expectations.mart_rules import share
from expectations.model import no_rows, reconciles

SUITE = cohort_suite(
    "cohort_retention",
    ("retained_customers", "retention"),
    share("retention"),
    no_rows(
        "retention_is_ratio",
        "abs(retention - cast(retained_customers as double) / cohort_size) > {rate_tolerance}",
        "retention is not retained_customers divided by cohort_size: report it.",
        acceptable=False,
    ),
    no_rows(
        "all_bought_in_their_own_month",
        "months_since = 0 and retained_customers <> cohort_size",
        "A customer of the cohort has no order in the month that made the cohort: report it.",
        acceptable=False,
    ),
    no_rows(
        "left_censored_as_counted",
        "left_censored_customers not between 0 and cohort_size "
        "or is_left_censored is distinct from (left_censored_customers * 10 > cohort_size)",
        "is_left_censored must say whether more than a tenth of the cohort joined before the first "
        "receipt: report it.",
        acceptable=False,
    ),
    reconciles(
        "retained_equal_buyers",
        "select sum(retained_customers) from {table} where scope_type = 'all'",
        "select count(*) from (select distinct customer_key, date_trunc('month', business_date) "
        "from marts.fct_sales_receipt where is_qualifying and customer_key is not null "
        "and last_day(business_date) <= {as_of})",
        "The retained customers of all cohorts do not add up to the buyers of the months: report "
        "it.",
    ),
)
