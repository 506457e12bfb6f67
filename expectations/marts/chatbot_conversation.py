"""Conversations with the bot: one end each, times in order, sales that add up."""

from expectations.drift import null_drift
from expectations.mart_rules import known_customers, mart_suite
from expectations.model import Rule, between, no_result, no_rows, not_null, reconciles

WRITTEN_BY = {
    "bot_messages": "is_public and author_type = 'bot'",
    "customer_messages": "is_public and author_type = 'customer'",
    "human_messages": "is_public and author_type = 'agent'",
    "human_notes": "not is_public and author_type = 'agent'",
}
FLAGS = ("is_resolved", "is_contained", "is_handed_off", "is_reopened_after_bot", "lead_created")


def _equals_messages(column: str, where: str) -> Rule:
    return reconciles(
        f"{column}_equal_facts",
        f"select sum({column}) from {{table}}",
        f"select count(*) from marts.fct_chat_message where {where}",
        f"{column} of all conversations are not those of fct_chat_message: report it.",
    )


SUITE = mart_suite(
    "chatbot_conversation",
    ("ticket_id",),
    not_null("channel"),
    not_null("started_at"),
    not_null("started_date"),
    not_null("window_days"),
    not_null("is_complete"),
    *(not_null(flag) for flag in FLAGS),
    known_customers(),
    between("csat_score", 1, 5),
    *(_equals_messages(column, where) for column, where in WRITTEN_BY.items()),
    no_result(
        "tickets_not_merged",
        "select ticket_id from {table} as here where not exists (select 1 from "
        "marts.support_ticket as tickets where tickets.ticket_id = here.ticket_id "
        "and not tickets.is_merged)",
        "A conversation is no ticket, or one that another took over: report it.",
    ),
    no_rows(
        "the_bot_spoke",
        "bot_messages < 1",
        "A conversation in which the bot said nothing is none with it: report it.",
        acceptable=False,
    ),
    no_rows(
        "contained_by_the_bot_alone",
        "is_contained <> (is_resolved and not is_handed_off) "
        "or (not is_handed_off and human_messages + human_notes > 0)",
        "What a person wrote in is handed off, and what is resolved without that is contained: "
        "report it.",
        acceptable=False,
    ),
    no_rows(
        "handed_off_at_an_instant",
        "is_handed_off <> (handed_off_at is not null) "
        "or is_handed_off <> (seconds_to_handoff is not null) or seconds_to_handoff < 0 "
        "or seconds_to_human_answer < 0 "
        "or (seconds_to_human_answer is not null) <> (human_messages > 0)",
        "A hand-off must lie after the beginning, and a person's answer after it: report it.",
        acceptable=False,
    ),
    no_rows(
        "ended_when_resolved",
        "is_resolved <> (ended_at is not null) or ended_at < started_at "
        "or last_message_at < started_at",
        "A conversation must end after its beginning, and when it is resolved: report it.",
        acceptable=False,
    ),
    no_rows(
        "nothing_said_of_open_windows",
        "(not is_complete and (purchase_within_7d is not null or net_sales_within_7d is not null)) "
        "or (purchase_within_7d is null) <> (net_sales_within_7d is null) "
        "or net_sales_within_7d < 0 or (not purchase_within_7d and net_sales_within_7d <> 0)",
        "A purchase after a conversation is known once its window has passed, and only with one "
        "there are sales: report it.",
        acceptable=False,
    ),
    no_result(
        "sales_within_the_customers",
        "select ticket_id from {table} where customer_key in (select customer_key from "
        "(select customer_key, sum(net_sales_within_7d) as credited from {table} group by all) "
        "left join (select customer_key, sum(net_sales_order_dated) as bought "
        "from marts.fct_sales_receipt where is_qualifying group by all) using (customer_key) "
        "where credited > coalesce(bought, 0))",
        "More sales follow a customer's conversations than the customer bought: an order counts "
        "twice. Report it.",
    ),
    no_result(
        "a_lead_is_new_once",
        "select ticket_id from {table} where lead_created qualify count(*) over "
        "(partition by customer_key) > 1",
        "A person became a lead in two conversations: report it.",
    ),
    null_drift(
        "{table}",
        "started_date",
        ("topic", "first_intent"),
        "Conversations have a topic or an intent far less or more often than in the eight weeks "
        "before. Was the bot changed, or a field renamed? Look at the last week's conversations.",
        days=7,
    ),
    dates=("started_date",),
    text_columns=("channel", "topic", "first_intent"),
)
