"""Flow between statuses: nobody gets lost from one month end to the next."""

from expectations.mart_rules import mart_suite
from expectations.marts.customer_lifecycle import STATUSES
from expectations.model import in_set, no_result, no_rows, not_null, reconciles

SUITE = mart_suite(
    "lifecycle_flow",
    ("month_end", "from_status", "to_status"),
    in_set("from_status", STATUSES, acceptable=False),
    in_set("to_status", STATUSES[1:], acceptable=False),
    not_null("customers"),
    no_rows(
        "customers_counted",
        "customers < 1",
        "A row of the flow counts nobody: report it.",
        acceptable=False,
    ),
    no_result(
        "month_ends",
        "select {row_id} from {table} where month_end <> last_day(month_end)",
        "A row of the flow is not dated with the last day of a month: report it.",
    ),
    no_rows(
        "flags_of_statuses",
        "is_from_active is distinct from "
        "(from_status in ('new', 'active', 'at_risk', 'reactivated')) "
        "or is_to_dormant is distinct from (to_status in ('dormant', 'lost'))",
        "The flags behind the churn rate do not match the statuses: report it.",
        acceptable=False,
    ),
    no_rows(
        "nobody_is_new_again",
        "to_status = 'new' and from_status not in ('prospect', 'new')",
        "Somebody who had another status became new: report it.",
        acceptable=False,
    ),
    no_result(
        "every_month_but_the_first",
        "with months as (select distinct last_day(date_key) as month_end from marts.dim_date), "
        "first_month as (select last_day(min(business_date)) as month_end "
        "from marts.fct_sales_receipt) "
        "select months.month_end from months cross join first_month "
        "where months.month_end > first_month.month_end and months.month_end <= {as_of} "
        "and exists (select 1 from marts.fct_sales_receipt where is_qualifying "
        "and customer_key is not null and business_date <= months.month_end) "
        "and not exists (select 1 from {table} as here where here.month_end = months.month_end)",
        "A complete month has no flow; a chart would have a hole: report it.",
        row_id=("month_end",),
    ),
    no_result(
        "who_arrived_sets_out_again",
        "with arrived as (select month_end, to_status as status, sum(customers) as customers "
        "from {table} group by month_end, to_status), "
        "left_again as (select last_day(date_trunc('month', month_end)::date - 1) as month_end, "
        "from_status as status, sum(customers) as customers from {table} "
        "where from_status <> 'prospect' group by month_end, from_status), "
        "compared as (select month_end, status, arrived.customers as arrivals, "
        "left_again.customers as departures from arrived "
        "full join left_again using (month_end, status)) "
        "select month_end, status from compared "
        "where coalesce(arrivals, 0) <> coalesce(departures, 0) "
        "and month_end >= (select min(month_end) from {table}) "
        "and month_end < (select max(month_end) from {table})",
        "The customers of a status at a month end are not those who set out from it in the next "
        "month: report it.",
        row_id=("month_end", "status"),
    ),
    reconciles(
        "buyers_of_the_last_month_end",
        "select sum(customers) from {table} where month_end = (select max(month_end) from {table})",
        "select count(distinct customer_key) from marts.fct_sales_receipt "
        "where is_qualifying and customer_key is not null "
        "and business_date <= (select max(month_end) from {table})",
        "The flow of the last month does not hold everybody who had bought by its end: report it.",
    ),
    no_result(
        "last_month_end_is_lifecycle",
        "with flow as (select to_status as status, sum(customers) as customers from {table} "
        "where month_end = {as_of} group by to_status), "
        "lifecycle as (select lifecycle_status as status, count(*) as customers "
        "from marts.customer_lifecycle where lifecycle_status <> 'prospect' "
        "and exists (select 1 from {table} where month_end = {as_of}) group by lifecycle_status) "
        "select status from flow full join lifecycle using (status) "
        "where flow.customers is distinct from lifecycle.customers",
        "On a month's last day the flow ends in other statuses than customer_lifecycle has: report "
        "it.",
        row_id=("status",),
    ),
    dates=("month_end",),
)
