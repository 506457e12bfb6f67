"""Guests of events: who was invited, registered, came and bought."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.model import Severity, no_result, no_rows, not_null, reconciles

SUITE = mart_suite(
    "fct_event_attendance",
    ("attendance_key",),
    not_null("campaign_id"),
    not_null("was_invited"),
    not_null("is_holdout"),
    not_null("is_complete"),
    known_customers(),
    no_result(
        "everybody_is_here_for_a_reason",
        "select attendance_key from {table} as here "
        "where coalesce(registered_at, cancelled_at, attended_at) is null and not exists (select 1 "
        "from marts.fct_campaign_contact as there where there.campaign_id = here.campaign_id "
        "and there.customer_key is not distinct from here.customer_key)",
        "A person stands here whom no audience and no record of the event names: report it.",
    ),
    no_rows(
        "no_show_registered_and_stayed_away",
        "(no_show and (registered_at is null or attended_at is not null "
        "or cancelled_at is not null or not is_complete)) "
        "or (no_show is not null and registered_at is null)",
        "A no-show must have registered, not cancelled and not come to an event that is over: "
        "report it.",
        acceptable=False,
    ),
    no_rows(
        "purchases_of_guests_alone",
        "(purchased is not null) <> (attended_at is not null and customer_key is not null "
        "and is_complete) or purchased <> (orders > 0) "
        "or (purchased is null) <> (orders is null) or (orders is null) <> (net_sales is null) "
        "or (orders = 0 and net_sales <> 0)",
        "Purchases are told of known guests whose window is over, and of no others: report it.",
        acceptable=False,
    ),
    no_rows(
        "key_is_opaque",
        "not regexp_full_match(attendance_key, 'v[0-9a-f]{24}')",
        "attendance_key is not the opaque key that the warehouse makes: report it.",
        acceptable=False,
    ),
    reconciles(
        "guests_equal_records",
        "select count(*) from {table} where attended_at is not null",
        "select count(distinct (campaign_id, person_id)) from "
        "intermediate.int_event_attendances as records left join marts.dim_customer as people "
        "using (customer_key) where action = 'attended' "
        "and not coalesce(people.is_internal, false)",
        "Guests were lost or doubled between the records of events and here: report it.",
    ),
    no_result(
        "registrations_lead_to_guests",
        "select campaign_id from {table} where is_complete group by campaign_id "
        "having count(registered_at) >= 30 and count(*) filter (where no_show) > "
        "0.9 * count(registered_at)",
        "Nine of ten who registered for an event did not come. Check that all "
        "attendances are sent.",
        row_id=("campaign_id",),
        severity=Severity.WARNING,
    ),
    dates=("attended_date",),
)
