"""One row a member: benefits and spending that add up to the receipts."""

from expectations.mart_rules import known_customers, mart_suite, share
from expectations.model import Severity, no_result, no_rows, not_null, reconciles

COUNTS = (
    "q_orders_365d",
    "coupons_issued_365d",
    "coupons_redeemed_365d",
    "till_discount_receipts_365d",
    "events_attended_365d",
    "benefits_used_365d",
    "observed_orders_365d",
    "contacted_orders_365d",
)
KINDS = ("club", "coupons", "events", "points", "till_discounts")
NAMED_KINDS = " + ".join(
    f"case when contains(benefit_kinds_365d, '{kind}') then 1 else 0 end" for kind in KINDS
)
OF_MEMBERS = (
    "from marts.fct_sales_receipt join {table} as members using (customer_key) "
    "where business_date between {as_of} - 364 and {as_of}"
)

SUITE = mart_suite(
    "member_value",
    ("customer_key",),
    known_customers(),
    not_null("is_member"),
    *(not_null(column) for column in COUNTS),
    not_null("net_sales_365d"),
    not_null("points_used_365d"),
    share("contact_after_purchase_365d"),
    no_result(
        "members_equal_dimension",
        "select customer_key from (select customer_key from marts.dim_customer "
        "where is_member and not is_internal) as members full join "
        "(select customer_key from {table} where is_member) as here using (customer_key) "
        "where members.customer_key is null or here.customer_key is null",
        "The members are not those of dim_customer: report it.",
    ),
    reconciles(
        "sales_equal_receipts",
        "select sum(net_sales_365d) from {table}",
        f"select sum(net_sales_refund_dated) {OF_MEMBERS}",
        "The members' net sales are not those of their receipts: report it.",
    ),
    reconciles(
        "orders_equal_customer_360",
        "select sum(q_orders_365d) from {table}",
        "select sum(everybody.q_orders_365d) from marts.customer_360 as everybody "
        "join {table} as members using (customer_key)",
        "The members' orders are not those of customer_360: report it.",
    ),
    reconciles(
        "points_equal_receipts",
        "select sum(points_used_365d) from {table}",
        f"select sum(points_amount) {OF_MEMBERS}",
        "The points that members used are not those of their receipts: report it.",
    ),
    no_rows(
        "counts_are_nested",
        f"least({', '.join(COUNTS)}) < 0 or contacted_orders_365d > observed_orders_365d "
        "or observed_orders_365d > q_orders_365d",
        "A count is negative, or more orders were observed than there were, or more followed by a "
        "ticket than observed: report it.",
        acceptable=False,
    ),
    no_rows(
        "kinds_are_counted",
        f"benefits_used_365d <> {NAMED_KINDS} "
        "or (coupons_redeemed_365d > 0) <> coalesce(contains(benefit_kinds_365d, 'coupons'), false)"
        " or (has_paid_membership and not coalesce(contains(benefit_kinds_365d, 'club'), false))",
        "The kinds of benefits are not those of the counts: report it.",
        acceptable=False,
    ),
    no_rows(
        "tenure_not_negative",
        "tenure_days < 0",
        "Somebody left before joining. Ask who keeps the members' records which date is right.",
        severity=Severity.WARNING,
    ),
    dates=("left_on",),
    text_columns=("member_tier",),
    has_customer_key=True,
)
