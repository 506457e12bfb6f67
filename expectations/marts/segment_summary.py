"""Sums of segments: they equal the memberships, and entries less exits are the difference."""

from expectations.mart_rules import mart_suite, share
from expectations.model import no_result, no_rows, not_null, reconciles

CHANNELS = ("email", "line", "dm")
COUNTS = ("customers", "entered_recent", "left_recent", "entered_month", "left_month")


def _is_difference(period: str) -> str:
    """Segments whose customers are not those of the baseline, plus entries, less exits."""
    return (
        f"with before as (select segments.segment_id, count(memberships.customer_key) as customers "
        f"from {{table}} as segments left join marts.segment_membership as memberships "
        f"on memberships.segment_id = segments.segment_id "
        f"and memberships.entered_on <= segments.{period}_since "
        f"and coalesce(memberships.exited_on > segments.{period}_since, true) "
        f"group by segments.segment_id) "
        f"select segment_id from {{table}} as here join before using (segment_id) where "
        f"here.customers <> before.customers + here.entered_{period} - here.left_{period}"
    )


SUITE = mart_suite(
    "segment_summary",
    ("segment_id",),
    not_null("rule_text"),
    not_null("rule_hash"),
    *(not_null(column) for column in COUNTS),
    share("customer_share"),
    no_rows(
        "counts_not_negative",
        f"least({', '.join(COUNTS)}) < 0",
        "A count is negative: report it.",
        acceptable=False,
    ),
    reconciles(
        "customers_equal_memberships",
        "select sum(customers) from {table}",
        "select count(*) from marts.segment_membership where is_current",
        "The segments' customers do not add up to the current memberships: report it.",
    ),
    reconciles(
        "all_customers_equal_dimension",
        "select max(all_customers) from {table}",
        "select count(*) from marts.dim_customer where not is_internal "
        "and exists (select 1 from {table})",
        "all_customers must be every customer but internal accounts: report it.",
    ),
    *(
        no_result(
            f"changes_explain_customers_{period}",
            _is_difference(period),
            "Customers are not those of before plus entries less exits: report it.",
            row_id=("segment_id",),
        )
        for period in ("recent", "month")
    ),
    reconciles(
        "predicted_value_equals_customers",
        "select sum(predicted_value) from {table}",
        "select sum(customer_ltv.ltv_predicted_365d) from marts.segment_membership "
        "join marts.customer_ltv using (customer_key) where is_current",
        "The segments' predicted values do not add up to those of their customers: report it.",
    ),
    no_rows(
        "risk_is_part_of_the_prediction",
        "value_at_risk < 0 or value_at_risk > predicted_value + 0.01 * predicted_customers",
        "More value is at risk than is expected: report it.",
        acceptable=False,
    ),
    no_rows(
        "contactable_are_customers",
        " or ".join(f"{channel}_contactable > customers" for channel in CHANNELS),
        "More customers can be reached than are in the segment: report it.",
        acceptable=False,
    ),
    no_rows(
        "no_average_without_orders",
        "(q_orders_365d = 0) <> (average_order_value is null)",
        "The average order value must be NULL without orders, and have a value with some: report "
        "it.",
        acceptable=False,
    ),
    dates=("recent_since", "month_since"),
)
