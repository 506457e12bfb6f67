"""Topics by month: sums that hold, shares of their whole, no comparison with half a month."""

from expectations.mart_rules import mart_suite, ratios, share
from expectations.model import Rule, no_result, no_rows, not_null, reconciles

COUNTS = {
    "tickets": "true",
    "complaints": "ticket_type = 'complaint'",
    "resolved_tickets": "is_solved",
    "one_touch_tickets": "is_one_touch",
    "replied_tickets": "first_reply_at is not null",
    "rated_tickets": "csat_score is not null",
    "good_ratings": "is_csat_good",
}
PARTS = {
    "self_served": "tickets",
    "complaints": "tickets",
    "solved_tickets": "tickets",
    "reopened_tickets": "solved_tickets",
    "resolved_tickets": "solved_tickets",
    "one_touch_tickets": "resolved_tickets",
    "replied_tickets": "tickets",
    "rated_tickets": "tickets",
    "good_ratings": "rated_tickets",
    "tickets": "tickets_of_channel",
}
RATES = {
    "ticket_share": ("tickets", "tickets_of_channel"),
    "self_served_share": ("self_served", "tickets"),
    "reopen_rate": ("reopened_tickets", "solved_tickets"),
    "one_touch_rate": ("one_touch_tickets", "resolved_tickets"),
    "csat": ("good_ratings", "rated_tickets"),
}


def _equals_tickets(column: str, where: str) -> Rule:
    return reconciles(
        f"{column}_equal_tickets",
        f"select sum({column}) from {{table}} where topic = 'all' and channel = 'all'",
        f"select count(*) from marts.support_ticket where not is_merged and {where}",
        f"{column} of all months are not those of support_ticket: report it.",
    )


def _adds_up(over: str, within: str) -> Rule:
    return no_result(
        f"{over}s_add_up",
        f"select month_start, 'all' as {over}, {within} from {{table}} "
        f"group by month_start, {within} having "
        + " or ".join(
            f"sum(case when {over} = 'all' then {column} else -{column} end) <> 0"
            for column in (*COUNTS, "self_served", "solved_tickets", "reopened_tickets")
        ),
        f"The {over}s of a month do not add up to all: report it.",
        row_id=("month_start", over, within),
    )


SUITE = mart_suite(
    "support_topic",
    ("month_start", "topic", "channel"),
    not_null("tickets"),
    not_null("receipts"),
    not_null("is_complete"),
    *(_equals_tickets(column, where) for column, where in COUNTS.items()),
    reconciles(
        "self_served_equal_conversations",
        "select sum(self_served) from {table} where topic = 'all' and channel = 'all'",
        "select count(*) from marts.chatbot_conversation where is_contained",
        "What the bot resolved alone is not what chatbot_conversation says: report it.",
    ),
    _adds_up("topic", "channel"),
    _adds_up("channel", "topic"),
    no_rows(
        "parts_not_above_whole",
        " or ".join(f"{part} < 0 or {part} > {whole}" for part, whole in PARTS.items()),
        "A part of the tickets is greater than the whole: report it.",
        acceptable=False,
    ),
    *(share(rate) for rate in RATES),
    ratios(RATES),
    no_result(
        "medians_equal_tickets",
        "select month_start, topic, channel from {table} as here left join "
        "(select cast(date_trunc('month', created_date) as date) as month_start, channel, "
        "median(first_reply_min_calendar) as reply, median(full_resolution_min_calendar) as full_ "
        "from marts.support_ticket where not is_merged group by all) as tickets "
        "using (month_start, channel) where topic = 'all' and channel <> 'all' and ("
        "abs(median_first_reply_min_calendar - reply) > {rate_tolerance} * greatest(1, reply) "
        "or abs(median_full_resolution_min_calendar - full_) > {rate_tolerance} * "
        "greatest(1, full_) or (median_first_reply_min_calendar is null) <> (reply is null))",
        "A median of a month is not that of its tickets in support_ticket: report it.",
    ),
    no_rows(
        "compared_with_whole_months",
        "(tickets_month_before is not null and not is_complete) "
        "or tickets_change <> tickets - tickets_month_before "
        "or (tickets_month_before is null) <> (tickets_change is null)",
        "A month that is not over is compared with a whole one: report it.",
        acceptable=False,
    ),
    no_result(
        "months_begin_with_their_first",
        "select month_start, topic, channel from {table} where extract(day from month_start) <> 1",
        "A month must begin with its first date: report it.",
    ),
    dates=("month_start",),
    text_columns=("topic", "channel"),
)
