"""Events of journeys: the touches that somebody reacted to, numbered, each in a stage."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.marts.journey_stage import STAGES
from expectations.model import in_set, no_result, no_rows, not_null, reconciles

ECHOES = "('message_delivered', 'coupon_issued')"

SUITE = mart_suite(
    "journey_event",
    ("touchpoint_id",),
    not_null("customer_key"),
    not_null("event_no"),
    not_null("stage"),
    in_set("stage", STAGES, acceptable=False),
    known_customers(),
    no_result(
        "events_are_touches",
        "select {row_id} from {table} as here where not exists (select 1 "
        "from marts.fct_touchpoint as touches where touches.touchpoint_id = here.touchpoint_id "
        "and touches.customer_key = here.customer_key "
        "and touches.occurred_at = here.occurred_at)",
        "An event is no touch of fct_touchpoint: report it.",
    ),
    reconciles(
        "all_reactions_are_events",
        f"select count(*) from {{table}} where touchpoint_type not in {ECHOES}",
        f"select count(*) from marts.fct_touchpoint where touchpoint_type not in {ECHOES}",
        "A touch that is not a message or coupon sent out is no event: report it.",
    ),
    no_result(
        "first_touch_is_the_first_event",
        "select {row_id} from {table} inner join marts.journey_stage using (customer_key) "
        "where event_no = 1 and occurred_at <> aware_at",
        "A customer's first event is not their first touch: report it.",
    ),
    no_result(
        "events_numbered_without_gap",
        # Numbers up to 62 are told apart by bits, those of the few customers with more by count.
        "select customer_key from {table} where hash(customer_key) in "
        "(select hash(customer_key) from {table} group by customer_key "
        "having max(event_no) <> count(*) or min(event_no) <> 1 "
        "or bit_count(bit_or(case when event_no between 0 and 62 "
        "then cast(1 as bigint) << event_no end)) is distinct from count(*)) group by customer_key "
        "having max(event_no) <> count(*) or min(event_no) <> 1 "
        "or count(*) <> count(distinct event_no)",
        "The events of a customer are not numbered from 1 on: report it.",
        row_id=("customer_key",),
    ),
    no_result(
        "time_to_next_but_for_the_last",
        "with ends as (select customer_key, max(event_no) as last_no from {table} group by all) "
        "select {row_id} from {table} inner join ends using (customer_key) "
        "where (hours_to_next is null) <> (event_no = last_no)",
        "An event has no time to the next one though there is one, or the other way round: report "
        "it.",
    ),
    no_rows(
        "time_runs_forward",
        "hours_to_next < 0",
        "An event lies before the one that it is said to follow: report it.",
        acceptable=False,
    ),
    dates=("business_date",),
    text_columns=("campaign_id",),
    has_customer_key=True,
    sort=True,
)
