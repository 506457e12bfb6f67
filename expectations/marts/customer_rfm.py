"""RFM scores: every customer in one named group a window, sums of groups are all customers."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.model import in_set, no_result, no_rows, not_null, reconciles
from expectations.rfm_rules import GROUPS, score_rules

UNSCORED = ("PROSPECTS", "OUT_OF_WINDOW")

SUITE = mart_suite(
    "customer_rfm",
    ("customer_key", "rfm_window"),
    *score_rules(UNSCORED),
    in_set("prev_group", (*GROUPS, *UNSCORED), acceptable=False),
    not_null("is_degenerate"),
    not_null("months_in_group"),
    known_customers(),
    no_result(
        "groups_hold_all_customers",
        "with windows as (select unnest(['lifetime', '365d']) as rfm_window), "
        "counted as (select rfm_window, count(distinct customer_key) as customers from {table} "
        "group by rfm_window) "
        "select rfm_window from windows left join counted using (rfm_window) "
        "where coalesce(customers, 0) <> "
        "(select count(*) from marts.dim_customer where not is_internal)",
        "The groups of a window do not add up to the customers (without internal accounts): report "
        "it.",
        row_id=("rfm_window",),
    ),
    no_rows(
        "cell_names_scores",
        "rfm_cell is distinct from cast(r_score * 100 + f_score * 10 + m_score as varchar)",
        "rfm_cell must be the three scores: report it.",
        acceptable=False,
    ),
    no_rows(
        "recency_from_as_of",
        "recency_days is distinct from date_diff('day', last_q_date, {as_of}) or recency_days < 0",
        "recency_days must count from the last order to the as-of date: report it.",
        acceptable=False,
    ),
    no_rows(
        "change_has_a_group_and_a_date",
        "(prev_group is null) <> (group_changed_on is null) or prev_group = rfm_group "
        "or rfm_group = 'PROSPECTS' and prev_group is not null",
        "A change names another group than today's and its date, and nobody goes back to having "
        "bought nothing: report it.",
        acceptable=False,
    ),
    no_result(
        "months_are_whole",
        "select customer_key, rfm_window from {table} where months_in_group < 0 "
        "or {as_of} < group_changed_on + to_months(months_in_group::int) "
        "or {as_of} >= group_changed_on + to_months(months_in_group::int + 1)",
        "months_in_group must count whole months from the change to the as-of date: report it.",
    ),
    reconciles(
        "monetary_equals_receipts",
        "select sum(monetary) from {table} where rfm_window = 'lifetime'",
        "select sum(net_sales_order_dated) from marts.fct_sales_receipt where customer_key in "
        "(select customer_key from marts.fct_sales_receipt where is_qualifying)",
        "The lifetime value of all buyers does not add up to their receipts: report it.",
    ),
    dates=("last_q_date", "group_changed_on"),
    has_customer_key=True,
)
