"""Stages: every customer in one, as orders and lifecycle say, reached in their order."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.model import in_set, no_result, no_rows, not_null, reconciles

WAY = ("aware", "considering", "first_purchase", "repeat", "loyal", "advocate")
STAGES = (*WAY, "dormant")

SUITE = mart_suite(
    "journey_stage",
    ("customer_key",),
    not_null("journey_stage"),
    not_null("furthest_stage"),
    not_null("is_left_censored"),
    in_set("journey_stage", STAGES, acceptable=False),
    in_set("previous_stage", STAGES, acceptable=False),
    in_set("furthest_stage", WAY, acceptable=False),
    known_customers(),
    reconciles(
        "stages_hold_all_customers",
        "select count(*) from {table}",
        "select count(*) from marts.customer_lifecycle",
        "The stages do not add up to the customers of customer_lifecycle: report it.",
    ),
    reconciles(
        "buyers_equal_customers_with_an_order",
        "select count(*) from {table} where journey_stage not in ('aware', 'considering')",
        "select count(*) from marts.customer_lifecycle where q_orders > 0",
        "Customers with an order are those at the first purchase or beyond, dormant ones included: "
        "report it.",
    ),
    no_result(
        "dormant_as_lifecycle_says",
        "select {row_id} from {table} inner join marts.customer_lifecycle as lifecycles "
        "using (customer_key) where (journey_stage = 'dormant') "
        "<> (lifecycles.lifecycle_status in ('dormant', 'lost')) "
        "or (journey_stage = 'dormant' and entered_on <> lifecycles.dormant_since)",
        "Who is dormant, and since when, must be what customer_lifecycle says: report it.",
    ),
    no_rows(
        "furthest_stage_was_reached",
        "case furthest_stage "
        + " ".join(f"when '{stage}' then {stage}_at is null" for stage in WAY[1:])
        + " else false end "
        + " or (furthest_stage in ('aware', 'considering')) <> (first_purchase_at is null)",
        "The furthest stage has no date, or an order is missing from it: report it.",
        acceptable=False,
    ),
    no_rows(
        "stages_in_their_order",
        "least(considering_at, first_purchase_at) < aware_at "
        "or considering_at >= first_purchase_at "
        "or least(repeat_at, loyal_at, advocate_at, dormant_at) < first_purchase_at "
        "or returned_at <= dormant_at or previous_stage = journey_stage",
        "A stage was reached before one that it presupposes: report it.",
        acceptable=False,
    ),
    no_rows(
        "date_for_all_with_a_touch",
        "(entered_on is null) <> (touchpoints = 0) or (aware_at is null) <> (touchpoints = 0) "
        "or touchpoints_90d > touchpoints",
        "Somebody with a touch has no date of their stage, or the other way round: report it.",
        acceptable=False,
    ),
    reconciles(
        "touches_equal_touchpoints",
        "select sum(touchpoints) from {table}",
        "select count(*) from marts.fct_touchpoint",
        "The touches of the customers do not add up to fct_touchpoint: report it.",
    ),
    dates=("entered_on",),
    has_customer_key=True,
)
