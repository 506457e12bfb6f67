"""Moves between RFM groups: both their sides add up to customer_rfm_history."""

from expectations.mart_rules import mart_suite
from expectations.model import Rule, in_set, no_result, no_rows
from expectations.rfm_rules import GROUPS, WINDOWS

OUT = "OUT_OF_WINDOW"


def _adds_up(name: str, moves: str, month_ends: str, explanation: str) -> Rule:
    """The customers of `moves` are those of the history at `month_ends`, group by group."""
    return no_result(
        name,
        f"with moves as ({moves}), history as (select rfm_window, month_end, rfm_group, "
        f"count(*) as customers from marts.customer_rfm_history where {month_ends} "
        "group by rfm_window, month_end, rfm_group) "
        "select rfm_window, month_end, rfm_group from moves full join history "
        "using (rfm_window, month_end, rfm_group) "
        "where moves.customers is distinct from history.customers",
        explanation,
        row_id=("rfm_window", "month_end", "rfm_group"),
    )


SUITE = mart_suite(
    "rfm_migration",
    ("rfm_window", "month_end", "from_group", "to_group"),
    in_set("rfm_window", WINDOWS, acceptable=False),
    in_set("from_group", (*GROUPS, OUT, "PROSPECTS"), acceptable=False),
    in_set("to_group", (*GROUPS, OUT), acceptable=False),
    no_rows(
        "customers_positive",
        "coalesce(customers, 0) < 1",
        "A move without a customer is no move: report it.",
        acceptable=False,
    ),
    _adds_up(
        "moves_lead_to_history",
        "select rfm_window, month_end, to_group as rfm_group, sum(customers) as customers "
        "from {table} group by rfm_window, month_end, to_group",
        "month_end > (select min(month_end) from marts.customer_rfm_history)",
        "The moves into the groups of a month end are not its customers: report it.",
    ),
    _adds_up(
        "moves_come_from_history",
        "select rfm_window, month_end - extract(day from month_end)::int as month_end, "
        "from_group as rfm_group, sum(customers) as customers from {table} "
        "where from_group <> 'PROSPECTS' group by all",
        "month_end < (select max(month_end) from marts.customer_rfm_history)",
        "The moves out of the groups of a month end are not its customers: report it.",
    ),
    dates=("month_end",),
)
