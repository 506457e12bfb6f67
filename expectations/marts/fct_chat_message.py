"""Messages of conversations with the bot: in order, whole, of nobody by name."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.model import in_set, no_result, no_rows, not_null, reconciles
from expectations.volumes import week_near_usual

SUITE = mart_suite(
    "fct_chat_message",
    ("message_id",),
    not_null("ticket_id"),
    not_null("author_type"),
    not_null("is_public"),
    not_null("created_at"),
    not_null("created_date"),
    in_set("author_type", ("customer", "agent", "bot"), acceptable=False),
    known_customers(),
    reconciles(
        "row_count_equals_staging",
        "select count(*) from {table}",
        "select count(*) from staging.stg_support__messages where created_date <= {as_of} "
        "and ticket_id in (select ticket_id from marts.chatbot_conversation)",
        "Messages were lost or doubled between staging and the fact: report it.",
    ),
    no_rows(
        "ids_of_agents_alone",
        "agent_id is not null and author_type <> 'agent'",
        "A customer's or a bot's author id is published, which may name a person. Take it out of "
        "the model.",
        acceptable=False,
    ),
    no_result(
        "numbers_without_gaps",
        "select ticket_id from {table} group by ticket_id "
        "having min(message_no) <> 1 or max(message_no) <> count(*)",
        "Messages of a conversation must be numbered from 1 without a gap: report it.",
        row_id=("ticket_id",),
    ),
    no_rows(
        "seconds_between_messages",
        "(message_no = 1) <> (seconds_since_previous is null) or seconds_since_previous < 0",
        "Every message but the first follows another one: report it.",
        acceptable=False,
    ),
    week_near_usual("messages_near_usual_week", "created_date", "Messages with the bot"),
    dates=("created_date",),
    text_columns=("intent", "author_type", "agent_id"),
)
