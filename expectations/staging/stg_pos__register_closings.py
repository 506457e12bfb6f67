"""Register closings: each store's day must equal the register's own report of it.

A void of a later day leaves the reports of the earlier day as they were, unless the register sends
them anew. So two totals of a day are right: without what was voided on that day, and without
whatever was voided since.
"""

from expectations.contract_rules import staging_suite
from expectations.model import no_result, refers_to

TOTALS = (
    "count(*) filter (where {which}) as {name}_receipts, "
    "coalesce(sum(total_inc_tax) filter (where {which} and receipt_type = 'sale'), 0) "
    "as {name}_sales, "
    "coalesce(sum(total_inc_tax) filter (where {which} and receipt_type = 'return'), 0) "
    "as {name}_returns"
)
REPORTED_DAYS = (
    "reported as (select store_id, business_date, sum(receipt_count) as receipts, "
    "sum(sales_inc_tax) as sales, sum(returns_inc_tax) as returns from {table} "
    # Days after the as-of date may still be arriving.
    "where business_date <= coalesce({as_of}, business_date) group by store_id, business_date)"
)
SOLD_DAYS = (
    "voided as (select original_receipt_id as receipt_id, min(business_date) as voided_on "
    "from staging.stg_pos__receipts where receipt_type = 'void' "
    "and original_receipt_id is not null group by original_receipt_id), "
    "dated as (select receipts.store_id, receipts.business_date, receipts.receipt_type, "
    "receipts.total_inc_tax, voided.voided_on is null as stands_now, "
    "voided.voided_on is null or voided.voided_on > receipts.business_date as stood_then "
    "from staging.stg_pos__receipts as receipts left join voided using (receipt_id) "
    "where receipts.receipt_type in ('sale', 'return')), "
    "sold as (select store_id, business_date, "
    + TOTALS.replace("{which}", "stands_now").replace("{name}", "now")
    + ", "
    + TOTALS.replace("{which}", "stood_then").replace("{name}", "then")
    + " from dated group by store_id, business_date)"
)

SUITE = staging_suite(
    "stg_pos__register_closings",
    no_result(
        "day_equals_closing",
        f"with {REPORTED_DAYS}, {SOLD_DAYS} "
        "select store_id, business_date from reported "
        "left join sold using (store_id, business_date) "
        "where (receipts, sales, returns) is distinct from "
        "(coalesce(now_receipts, 0), coalesce(now_sales, 0), coalesce(now_returns, 0)) "
        "and (receipts, sales, returns) is distinct from "
        "(coalesce(then_receipts, 0), coalesce(then_sales, 0), coalesce(then_returns, 0))",
        "The receipts of a store's day are not what its registers reported at closing: receipts "
        "are missing, doubled or dated to another day. Ask the store for that day's export again.",
        row_id=("store_id", "business_date"),
    ),
    refers_to(
        "store_id",
        "staging.stg_pos__stores",
        "store_id",
        explain="Closings of stores that the master does not hold. Send the master of stores.",
    ),
)
