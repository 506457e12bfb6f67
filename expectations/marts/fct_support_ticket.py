"""Tickets up to the as-of date, with their replies and solutions."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.model import between, no_rows, not_null, reconciles

SUITE = mart_suite(
    "fct_support_ticket",
    ("ticket_id",),
    not_null("created_date"),
    not_null("is_solved"),
    known_customers(),
    reconciles(
        "row_count_equals_staging",
        "select count(*) from {table}",
        "select count(*) from staging.stg_support__tickets where created_date <= {as_of}",
        "Tickets were lost or doubled between staging and the fact: report it.",
    ),
    between("csat_score", 1, 5),
    between("first_reply_minutes", 0, None),
    no_rows(
        "solutions_in_order",
        "first_solved_at > last_solved_at or (first_solved_at is null) <> (last_solved_at is null)",
        "The first solution of a ticket must not come after the last: report it.",
        acceptable=False,
    ),
    dates=("created_date",),
    text_columns=("topic", "priority", "channel", "ticket_type", "status"),
)
