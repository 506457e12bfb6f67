"""Events of messages up to the as-of date."""

from expectations.drift import null_drift
from expectations.mart_rules import known_customers, mart_suite
from expectations.model import in_set, no_rows, not_null, reconciles
from expectations.volumes import week_near_usual
from ingestion.contract import find_table

EVENT_TYPES = find_table("raw_email.events").column("event_type").allowed

SUITE = mart_suite(
    "fct_email_event",
    ("event_id",),
    not_null("event_date"),
    not_null("is_machine"),
    in_set("event_type", EVENT_TYPES, acceptable=False),
    known_customers(),
    reconciles(
        "row_count_equals_staging",
        "select count(*) from {table}",
        "select count(*) from staging.stg_email__events where event_date <= {as_of}",
        "Events were lost or doubled between staging and the fact: report it.",
    ),
    no_rows(
        "human_opens_are_opens",
        "is_human_open and (event_type <> 'open' or is_machine)",
        "A human open must be an open that no machine made: report it.",
        acceptable=False,
    ),
    week_near_usual("events_near_usual_week", "event_date", "Events"),
    null_drift(
        "{table}",
        "event_date",
        ("campaign_id", "customer_key"),
        "A column of events is filled far less or more often than in the eight weeks before. Was "
        "it renamed in the mail tool? Look at the last week's events and map the column.",
        days=7,
    ),
    dates=("event_date",),
    sort=True,
)
