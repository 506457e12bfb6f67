"""Segments: runs that do not overlap, of known customers and known segments."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.model import no_result, no_rows, not_null

SUITE = mart_suite(
    "segment_membership",
    ("segment_id", "customer_key", "entered_on"),
    not_null("is_current"),
    known_customers(),
    no_result(
        "segments_known",
        "select distinct segment_id from {table} as here where not exists "
        "(select 1 from marts.segment_summary as there where there.segment_id = here.segment_id)",
        "A segment has members and no row in segment_summary: report it.",
        row_id=("segment_id",),
    ),
    no_result(
        "no_internal_members",
        "select {row_id} from {table} as here where exists (select 1 from marts.dim_customer "
        "as customers where customers.customer_key = here.customer_key and customers.is_internal)",
        "An internal account is in a segment: report it.",
    ),
    no_rows(
        "current_without_exit",
        "is_current <> (exited_on is null)",
        "A membership is current exactly while it has no exit: report it.",
        acceptable=False,
    ),
    no_rows(
        "exit_after_entry",
        "exited_on <= entered_on",
        "A membership ended before it began: report it.",
        acceptable=False,
    ),
    no_result(
        "runs_do_not_touch",
        "select {row_id} from {table} qualify entered_on <= lag(coalesce(exited_on, "
        "date '9999-12-31')) over (partition by segment_id, customer_key order by entered_on)",
        "Two memberships of one customer in a segment overlap or touch: report it.",
    ),
    dates=("entered_on", "exited_on"),
    has_customer_key=True,
)
