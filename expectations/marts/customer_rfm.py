"""RFM scores: every customer in one named group a window, sums of groups are all customers."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.model import in_set, no_result, no_rows, not_null, reconciles

GROUPS = (
    "CHAMPIONS",
    "LOYAL",
    "PREVIOUSLY_LOYAL",
    "AT_RISK",
    "NEEDS_ATTENTION",
    "ACTIVE",
    "DORMANT",
    "ALMOST_LOST",
    "PROMISING",
    "NEW",
)
UNSCORED = ("PROSPECTS", "OUT_OF_WINDOW")
SCORES = "r_score, f_score, m_score, fm_score"

SUITE = mart_suite(
    "customer_rfm",
    ("customer_key", "rfm_window"),
    in_set("rfm_window", ("lifetime", "365d"), acceptable=False),
    not_null("rfm_group"),
    in_set("rfm_group", (*GROUPS, *UNSCORED), acceptable=False),
    not_null("is_degenerate"),
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
        "scores_in_range",
        f"least({SCORES}) < 1 or greatest({SCORES}) > 5",
        "Scores run from 1 to 5: report it.",
        acceptable=False,
    ),
    no_rows(
        "scored_or_named_why_not",
        f"(rfm_group in {UNSCORED}) <> (r_score is null) or (r_score is null) <> (f_score is null) "
        "or (r_score is null) <> (m_score is null) or (r_score is null) <> (fm_score is null)",
        "A customer has either all scores and a group, or none and PROSPECTS or OUT_OF_WINDOW: "
        "report it.",
        acceptable=False,
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
    reconciles(
        "monetary_equals_receipts",
        "select sum(monetary) from {table} where rfm_window = 'lifetime'",
        "select sum(net_sales_order_dated) from marts.fct_sales_receipt where customer_key in "
        "(select customer_key from marts.fct_sales_receipt where is_qualifying)",
        "The lifetime value of all buyers does not add up to their receipts: report it.",
    ),
    dates=("last_q_date",),
    has_customer_key=True,
)
