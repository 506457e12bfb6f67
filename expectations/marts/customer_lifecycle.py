"""Lifecycle: every customer in one status, which their last purchase and thresholds explain."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.model import in_set, no_result, no_rows, not_null, reconciles

STATUSES = ("prospect", "new", "active", "at_risk", "dormant", "lost", "reactivated")

SUITE = mart_suite(
    "customer_lifecycle",
    ("customer_key",),
    not_null("lifecycle_status"),
    in_set("lifecycle_status", STATUSES, acceptable=False),
    not_null("fixed_status"),
    in_set("fixed_status", STATUSES, acceptable=False),
    in_set("personal_status", STATUSES[1:], acceptable=False),
    in_set("dormant_rule_used", ("fixed", "personal"), acceptable=False),
    known_customers(),
    reconciles(
        "statuses_hold_all_customers",
        "select count(*) from {table}",
        "select count(*) from marts.dim_customer where not is_internal",
        "The statuses do not add up to the customers (without internal accounts): report it.",
    ),
    reconciles(
        "orders_equal_receipts",
        "select sum(q_orders) from {table}",
        "select count(*) from marts.fct_sales_receipt "
        "where is_qualifying and customer_key is not null",
        "The customers' orders do not add up to the qualifying receipts: report it.",
    ),
    no_result(
        "first_and_last_order_of_receipts",
        "with orders as (select customer_key, min(business_date) as first_date, "
        "max(business_date) as last_date, count(distinct business_date) as purchase_days "
        "from marts.fct_sales_receipt where is_qualifying and customer_key is not null "
        "group by customer_key) "
        "select {row_id} from {table} left join orders using (customer_key) "
        "where first_q_date is distinct from first_date or last_q_date is distinct from last_date "
        "or {table}.purchase_days <> coalesce(orders.purchase_days, 0)",
        "First and last order or the purchase days are not those of the receipts: report it.",
    ),
    no_rows(
        "prospects_have_no_order",
        "(lifecycle_status = 'prospect') <> (q_orders = 0) "
        "or (lifecycle_status = 'prospect') <> (last_q_date is null) "
        "or (lifecycle_status = 'prospect') <> (dormant_rule_used is null) "
        "or (lifecycle_status = 'prospect') <> (status_since is null) "
        "or (lifecycle_status = 'prospect') <> (fixed_status = 'prospect')",
        "A prospect is who has no qualifying order, and nobody else: report it.",
        acceptable=False,
    ),
    no_rows(
        "rule_by_purchase_days",
        "(dormant_rule_used = 'personal') <> (purchase_days >= 3) "
        "or (dormant_rule_used = 'personal') <> (personal_status is not null) "
        "or lifecycle_status <> case when dormant_rule_used = 'personal' then personal_status "
        "else fixed_status end",
        "The status must come of the customer's own gaps from three purchase days on and of the "
        "fixed rule before: report it.",
        acceptable=False,
    ),
    no_rows(
        "status_by_thresholds",
        "days_since_last is distinct from date_diff('day', last_q_date, {as_of}) "
        "or (lifecycle_status = 'lost') <> (days_since_last > lost_after_days) "
        "or (lifecycle_status in ('dormant', 'lost')) <> (days_since_last > dormant_after_days) "
        "or (lifecycle_status in ('at_risk', 'dormant', 'lost')) "
        "<> (days_since_last > at_risk_after_days)",
        "A status does not follow from the days since the last purchase and the thresholds: report "
        "it.",
        acceptable=False,
    ),
    no_rows(
        "thresholds_rise",
        "not (0 < at_risk_after_days and at_risk_after_days <= dormant_after_days "
        "and dormant_after_days < lost_after_days)",
        "At risk cannot come after dormant, nor dormant after lost: report it.",
        acceptable=False,
    ),
    no_rows(
        "new_has_one_order",
        "lifecycle_status = 'new' and q_orders <> 1",
        "Somebody with more than one order is not new: report it.",
        acceptable=False,
    ),
    no_rows(
        "dormant_has_a_date",
        "(lifecycle_status in ('dormant', 'lost')) <> (dormant_since is not null) "
        "or dormant_since <= last_q_date or status_since < dormant_since "
        "or (lifecycle_status = 'reactivated' "
        "and not coalesce(date_diff('day', reactivated_on, {as_of}) between 0 and 89, false))",
        "dormant_since and reactivated_on do not belong to the status: report it.",
        acceptable=False,
    ),
    dates=(
        "status_since",
        "first_q_date",
        "last_q_date",
        "dormant_since",
        "reactivated_on",
    ),
    has_customer_key=True,
)
