"""The bot by day: parts that add up, friends that come and go one by one."""

from expectations.mart_rules import mart_suite, ratios, share
from expectations.model import Rule, no_result, no_rows, not_null, reconciles

COUNTS = {
    "conversations": "true",
    "contained": "is_contained",
    "handed_off": "is_handed_off",
    "unresolved": "not is_resolved",
    "leads": "lead_created",
    "followed_conversations": "purchase_within_7d is not null",
    "purchases_within_7d": "purchase_within_7d",
}
RATES = {
    "containment_rate": ("contained", "decided_conversations"),
    "handoff_rate": ("handed_off", "decided_conversations"),
    "lead_rate": ("leads", "conversations"),
    "conversion_rate": ("purchases_within_7d", "followed_conversations"),
}


def _equals_conversations(column: str, where: str) -> Rule:
    return reconciles(
        f"{column}_equal_conversations",
        f"select sum({column}) from {{table}} where channel = 'all'",
        f"select count(*) from marts.chatbot_conversation where {where}",
        f"{column} of all days are not those of chatbot_conversation: report it.",
    )


SUITE = mart_suite(
    "chatbot_daily",
    ("date_key", "channel"),
    not_null("is_complete"),
    *(not_null(column) for column in ("conversations", "contained", "handed_off", "leads")),
    *(_equals_conversations(column, where) for column, where in COUNTS.items()),
    *(share(rate) for rate in RATES),
    ratios(RATES),
    no_rows(
        "parts_add_up",
        "conversations <> contained + handed_off + still_with_bot or still_with_bot < 0 "
        "or decided_conversations <> contained + handed_off "
        "or still_with_bot > unresolved or unresolved > handed_off + still_with_bot "
        "or is_complete <> (followed_conversations is not null)",
        "A conversation is contained, handed off or still with the bot: report it.",
        acceptable=False,
    ),
    no_result(
        "channels_add_up",
        "select date_key, 'all' as channel from {table} group by date_key having "
        + " or ".join(
            f"sum(case when channel = 'all' then {column} else -{column} end) <> 0"
            for column in ("conversations", "contained", "handed_off", "leads")
        ),
        "The channels of a day do not add up to all: report it.",
    ),
    no_result(
        "every_day_of_a_channel",
        "select days.date_key, channels.channel from marts.dim_date as days cross join "
        "(select distinct channel from {table}) as channels where not exists (select 1 from "
        "{table} as here where here.date_key = days.date_key and here.channel = channels.channel)",
        "A channel lacks a day, and a chart would have a hole: report it.",
    ),
    no_rows(
        "friends_of_line_alone",
        "(channel not in ('line', 'all') and followers is not null) "
        "or reachable <> followers - blocks or blocks < 0 or reachable < 0 "
        "or new_followers < 0 or new_blocks < 0 or unblocks < 0",
        "Friends are those of the LINE account, and nobody blocks who never followed: report it.",
        acceptable=False,
    ),
    no_result(
        "friends_come_and_go",
        "select date_key, channel from (select *, lag(followers) over by_day as followers_before, "
        "lag(blocks) over by_day as blocks_before from {table} where followers is not null "
        "window by_day as (partition by channel order by date_key)) "
        "where followers <> followers_before + new_followers "
        "or blocks <> blocks_before + new_blocks - unblocks",
        "Friends of a day are not those of the day before and who came and went: report it.",
    ),
    dates=("date_key",),
    text_columns=("channel",),
)
