"""History of customers: spans of days that touch, the last of which holds now."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.marts.dim_customer import AGE_BANDS, TEXT_ATTRIBUTES
from expectations.model import in_set, no_result, no_rows, not_null

SUITE = mart_suite(
    "dim_customer_history",
    ("customer_key", "valid_from"),
    not_null("is_current"),
    known_customers(),
    in_set("age_band", AGE_BANDS, acceptable=False),
    no_rows(
        "spans_end_after_they_begin",
        "valid_to < valid_from or is_current <> (valid_to is null)",
        "A span ends before it begins, or one without an end is not the current one: report it.",
        acceptable=False,
    ),
    no_result(
        "spans_touch",
        "select customer_key, valid_from from {table} "
        "qualify valid_to is distinct from lead(valid_from) "
        "over (partition by customer_key order by valid_from) - 1",
        "Spans of a customer overlap or leave days out, so a join by date would count twice or "
        "lose a sale: report it.",
    ),
    dates=("valid_from", "valid_to"),
    text_columns=TEXT_ATTRIBUTES,
    has_customer_key=True,
)
