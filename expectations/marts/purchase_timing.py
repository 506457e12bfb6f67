"""Timing of purchases: gaps of the receipts, expectations that follow from them."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.model import between, in_set, no_result, no_rows, not_null, reconciles

SUITE = mart_suite(
    "purchase_timing",
    ("customer_key", "category"),
    not_null("n_purchase_days"),
    not_null("last_purchase_date"),
    in_set("expected_basis", ("own", "store", "category", "company"), acceptable=False),
    in_set(
        "preferred_hour_band",
        ("night", "morning", "noon", "afternoon", "evening"),
        acceptable=False,
    ),
    not_null("preferred_weekday"),
    between("preferred_weekday", 1, 7),
    known_customers(),
    reconciles(
        "every_buyer_has_a_rhythm",
        "select count(*) from {table} where category = 'all'",
        "select count(distinct customer_key) from marts.fct_sales_receipt "
        "where is_qualifying and customer_key is not null",
        "purchase_timing must hold everybody with an order: report it.",
    ),
    reconciles(
        "days_equal_receipts",
        "select sum(n_purchase_days) from {table} where category = 'all'",
        "select count(*) from (select distinct customer_key, business_date "
        "from marts.fct_sales_receipt where is_qualifying and customer_key is not null)",
        "The purchase days do not add up to those of the receipts: report it.",
    ),
    no_result(
        "category_within_all",
        "select {row_id} from {table} as here where not exists (select 1 from {table} as there "
        "where there.category = 'all' and there.customer_key = here.customer_key "
        "and there.n_purchase_days >= here.n_purchase_days "
        "and there.last_purchase_date >= here.last_purchase_date)",
        "A category has more or later purchase days than the customer has in all: report it.",
    ),
    no_rows(
        "gaps_one_less_than_days",
        "n_gaps <> n_purchase_days - 1 or (n_gaps = 0) <> (mean_gap_days is null) "
        "or (n_gaps = 0) <> (median_gap_days is null) or (n_gaps = 0) <> (p75_gap_days is null) "
        "or (n_gaps < 2) <> (gap_cv is null) or median_gap_days < 1 "
        "or p75_gap_days < median_gap_days or gap_cv < 0",
        "The gaps between purchase days are one less than the days and a day long at least: report "
        "it.",
        acceptable=False,
    ),
    no_rows(
        "expectation_has_a_basis",
        "(expected_next_date is null) <> (expected_basis is null) "
        "or (expected_next_date is null) <> (overdue_days is null) "
        "or coalesce(expected_basis = 'own', false) <> (n_gaps >= 2) "
        "or (expected_basis = 'store' and category <> 'all') "
        "or (expected_basis = 'category' and category = 'all') "
        "or expected_next_date <= last_purchase_date",
        "An expected date needs a basis, the customer's own from two gaps on, and lies after the "
        "last purchase: report it.",
        acceptable=False,
    ),
    no_rows(
        "own_expectation_is_own_median",
        "expected_basis = 'own' and abs(date_diff('day', last_purchase_date, expected_next_date) "
        "- median_gap_days) > 0.5",
        "An expected date is not the last purchase and the customer's own median gap: report it.",
        acceptable=False,
    ),
    no_rows(
        "overdue_counts_from_expected_date",
        "overdue_days <> greatest(date_diff('day', expected_next_date, {as_of}), 0)",
        "overdue_days must count from the expected date to the as-of date: report it.",
        acceptable=False,
    ),
    dates=("last_purchase_date",),
    text_columns=("category",),
    has_customer_key=True,
)
