"""Value of cohorts: the months add up to the receipts, and running sums lose none of them."""

from expectations.cohort_rules import SCOPES, cohort_suite
from expectations.model import Rule, no_result, no_rows, reconciles

RECEIPTS_SINCE_FIRST_ORDER = (
    "with first_orders as (select customer_key, min(business_date) as first_q_date "
    "from marts.fct_sales_receipt where is_qualifying and customer_key is not null "
    "group by customer_key) "
    "select sum(net_sales_order_dated) from marts.fct_sales_receipt join first_orders "
    "using (customer_key) where business_date >= first_q_date and last_day(business_date) <= "
    "{as_of}"
)


def _equals_receipts(scope: str) -> Rule:
    return reconciles(
        f"sales_of_{scope}_equal_receipts",
        f"select sum(net_sales) from {{table}} where scope_type = '{scope}'",
        RECEIPTS_SINCE_FIRST_ORDER,
        "The cohorts' sales do not add up to the receipts of the finished months since their "
        "customers' first orders: report it.",
    )


SUITE = cohort_suite(
    "cohort_ltv",
    ("net_sales", "cum_net_sales", "cum_net_sales_per_customer"),
    *(_equals_receipts(scope) for scope in SCOPES),
    no_result(
        "running_sum_loses_nothing",
        "select {row_id} from {table} where is_complete qualify cum_net_sales is distinct from "
        "net_sales + coalesce(lag(cum_net_sales) over (partition by scope_type, scope_key, "
        "cohort_month order by months_since), 0)",
        "A running sum is not the one of the month before plus the month: report it.",
    ),
    no_rows(
        "value_is_ratio",
        "abs(cum_net_sales_per_customer - cast(cum_net_sales as double) / cohort_size) > "
        "{rate_tolerance}",
        "cum_net_sales_per_customer is not cum_net_sales divided by cohort_size: report it.",
        acceptable=False,
    ),
)
