"""RFM at month ends: all who had bought are in a group, and the last month is today's if it is."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.model import no_result, no_rows, reconciles
from expectations.rfm_rules import score_rules

SUITE = mart_suite(
    "customer_rfm_history",
    ("customer_key", "rfm_window", "month_end"),
    *score_rules(("OUT_OF_WINDOW",)),
    known_customers(),
    no_rows(
        "lifetime_is_scored",
        "rfm_window = 'lifetime' and r_score is null",
        "Who has bought has scores over the whole life: report it.",
        acceptable=False,
    ),
    no_result(
        "month_ends_only",
        "select distinct month_end from {table} where month_end <> last_day(month_end)",
        "A date of the history is not the end of a month: report it.",
        row_id=("month_end",),
    ),
    no_rows(
        "recency_from_month_end",
        "recency_days is distinct from date_diff('day', last_q_date, month_end) "
        "or recency_days < 0",
        "recency_days must count from the last order to the month end: report it.",
        acceptable=False,
    ),
    no_result(
        "groups_hold_all_buyers",
        "with buyers as (select first_date, count(*) as people from (select min(business_date) "
        "as first_date from marts.fct_sales_receipt "
        "where is_qualifying and customer_key is not null group by customer_key) "
        "group by first_date), "
        "counted as (select rfm_window, month_end, count(*) as customers from {table} "
        "group by rfm_window, month_end), "
        "expected as (select rfm_window, month_end, sum(people) as customers "
        "from (select distinct month_end from {table}) as ends "
        "cross join (select unnest(['lifetime', '365d']) as rfm_window) as windows "
        "join buyers on first_date <= month_end group by rfm_window, month_end) "
        "select rfm_window, month_end from counted "
        "full join expected using (rfm_window, month_end) "
        "where counted.customers is distinct from expected.customers",
        "The groups of a month end do not add up to the customers who had bought: report it.",
        row_id=("rfm_window", "month_end"),
    ),
    reconciles(
        "last_month_equals_receipts",
        "select sum(monetary) from {table} where rfm_window = 'lifetime' "
        "and month_end = (select max(month_end) from {table})",
        "select sum(net_sales_order_dated) from marts.fct_sales_receipt as receipts "
        "join {table} as here using (customer_key) where rfm_window = 'lifetime' "
        "and month_end = (select max(month_end) from {table}) and business_date <= month_end",
        "The money of the last month end does not add up to the receipts up to it: report it.",
    ),
    no_result(
        "month_end_today_equals_customer_rfm",
        "select customer_key, rfm_window, month_end from {table} as here "
        "join marts.customer_rfm as today using (customer_key, rfm_window) "
        "where month_end = {as_of} and (here.rfm_group is distinct from today.rfm_group "
        "or here.klaviyo_score is distinct from today.klaviyo_score "
        "or here.monetary <> today.monetary or here.frequency <> today.frequency)",
        "On the last day of a month the history must say what customer_rfm says: report it.",
    ),
    dates=("month_end", "last_q_date"),
    slot="year(month_end) * 12 + month(month_end)",
    has_customer_key=True,
)
