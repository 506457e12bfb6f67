"""Tickets up to the as-of date: none lost, times in order, merged ones without times."""

from expectations.drift import null_drift
from expectations.mart_rules import known_customers, mart_suite
from expectations.model import Severity, between, in_set, no_rows, not_null, reconciles
from expectations.volumes import week_near_usual

TIMES = ("first_reply", "first_resolution", "full_resolution", "requester_wait", "agent_wait")
MINUTES = tuple(f"{time}_min_{clock}" for time in TIMES for clock in ("calendar", "business"))
# Each end of a span is read to the whole second.
SECOND = 1 / 60

SUITE = mart_suite(
    "support_ticket",
    ("ticket_id",),
    not_null("created_date"),
    not_null("schedule_id"),
    not_null("is_solved"),
    not_null("is_csat_offered"),
    known_customers(),
    reconciles(
        "row_count_equals_staging",
        "select count(*) from {table}",
        "select count(*) from staging.stg_support__tickets where created_date <= {as_of}",
        "Tickets were lost or doubled between staging and the fact: report it.",
    ),
    in_set("status", ("new", "open", "pending", "on_hold", "solved", "closed"), acceptable=False),
    in_set("ticket_type", ("complaint", "inquiry", "return", "praise"), acceptable=False),
    between("csat_score", 1, 5),
    no_rows(
        "minutes_not_negative",
        " or ".join(f"{column} < 0" for column in (*MINUTES, "first_reply_min_since_reopen")),
        "A ticket waited for less than no time: report it.",
        acceptable=False,
    ),
    no_rows(
        "business_minutes_within_calendar",
        " or ".join(
            f"{time}_min_business > {time}_min_calendar + {SECOND} "
            f"or ({time}_min_business is null) <> ({time}_min_calendar is null)"
            for time in TIMES
        ),
        "A ticket waited longer while the help desk was open than by the calendar, or has one of "
        "the two times alone: the opening hours do not cover its dates. Report it.",
        acceptable=False,
    ),
    no_rows(
        "no_times_of_merged_tickets",
        "is_merged and (first_reply_min_since_reopen is not null or is_one_touch or "
        + " or ".join(f"{column} is not null" for column in MINUTES)
        + ")",
        "A merged ticket must be in no measure of time: report it.",
        acceptable=False,
    ),
    no_rows(
        "times_exist_where_they_can",
        "not is_merged and ((first_reply_at is null) <> (first_reply_min_calendar is null) "
        "or (last_solved_at is null) <> (full_resolution_min_calendar is null))",
        "A ticket was answered or solved and has no time for it, or the other way round: report "
        "it.",
        acceptable=False,
    ),
    no_rows(
        "solutions_in_order",
        "first_solved_at > last_solved_at or (first_solved_at is null) <> (last_solved_at is null) "
        "or reopens <> greatest(solve_count - 1, 0)",
        "The first solution of a ticket must not come after the last: report it.",
        acceptable=False,
    ),
    no_rows(
        "ratings_were_offered",
        "(csat_score is not null and not is_csat_offered) "
        "or is_csat_good is distinct from (csat_score >= 4)",
        "A ticket was rated without an offer, or a rating is called good that is not 4 or 5. "
        "Report it.",
        acceptable=False,
    ),
    no_rows(
        "replied_before_created",
        "first_reply_at < created_at",
        "A reply lies before its ticket: clocks of the help desk disagree. "
        "Check the time zone of its exports.",
        severity=Severity.WARNING,
    ),
    week_near_usual("tickets_near_usual_week", "created_date", "Tickets"),
    null_drift(
        "{table}",
        "created_date",
        ("customer_key", "store_id", "topic", "ticket_type"),
        "A column of tickets is filled far less or more often than in the eight weeks before. Was "
        "a field renamed or a form changed at the help desk? Look at the last week's tickets.",
        days=7,
    ),
    dates=("created_date", "solved_date"),
    text_columns=("topic", "priority", "channel", "ticket_type", "status", "schedule_id"),
)
