"""The help desk's tables: requesters, tickets, messages, ratings, surveys, chat."""

from ingestion.contract.identity import EMAIL_KEYS, LINE_KEYS, NAME_KEYS, PHONE_KEYS
from ingestion.contract.model import Column, Feed, Kind, Privacy, Table

DATASET = "raw_support"
PERSONAL, KEYED = Privacy.PERSONAL, Privacy.KEYED

REQUESTERS = Table(
    DATASET,
    "requesters",
    "One row a person who wrote or called.",
    key=("requester_id",),
    version_at="updated_at",
    key_groups=(EMAIL_KEYS, PHONE_KEYS, LINE_KEYS, NAME_KEYS),
    columns=(
        Column(
            "requester_id",
            Kind.TEXT,
            "The help desk's id of the person.",
            required=True,
            privacy=KEYED,
        ),
        Column("name", Kind.TEXT, "Name.", privacy=PERSONAL),
        Column("name_kana", Kind.TEXT, "Name in kana.", privacy=PERSONAL),
        Column("name_romaji", Kind.TEXT, "Name in Latin letters.", privacy=PERSONAL),
        Column("email", Kind.TEXT, "E-mail address.", privacy=PERSONAL),
        Column("phone", Kind.TEXT, "Phone number.", privacy=PERSONAL),
        Column("line_user_id", Kind.TEXT, "LINE user id.", privacy=PERSONAL),
        Column("member_id", Kind.TEXT, "The register's member, where known.", privacy=KEYED),
        Column("company", Kind.TEXT, "Company.", privacy=PERSONAL),
        Column("updated_at", Kind.INSTANT, "Instant of the last change."),
    ),
)

TICKETS = Table(
    DATASET,
    "tickets",
    "One row a ticket of the help desk.",
    key=("ticket_id",),
    version_at="updated_at",
    columns=(
        Column("ticket_id", Kind.TEXT, "Id of the ticket.", required=True),
        Column("requester_id", Kind.TEXT, "Who asked.", required=True, privacy=KEYED),
        Column(
            "channel",
            Kind.TEXT,
            "How it arrived.",
            required=True,
            allowed=("email", "phone", "web", "line", "chat", "store"),
        ),
        Column(
            "type",
            Kind.TEXT,
            "complaint, inquiry, return or praise.",
            allowed=("complaint", "inquiry", "return", "praise"),
        ),
        Column("topic", Kind.TEXT, "Topic of the ticket."),
        Column("priority", Kind.TEXT, "Priority."),
        Column(
            "status",
            Kind.TEXT,
            "new, open, pending, on_hold, solved or closed.",
            required=True,
            allowed=("new", "open", "pending", "on_hold", "solved", "closed"),
        ),
        Column("created_at", Kind.INSTANT, "Instant of creation.", required=True),
        Column("updated_at", Kind.INSTANT, "Instant of the last change.", required=True),
        Column("assignee_id", Kind.TEXT, "The agent."),
        Column("group_id", Kind.TEXT, "The agent's group."),
        Column("merged_into_ticket_id", Kind.TEXT, "The ticket that took this one over."),
        Column("store_id", Kind.TEXT, "The store that it is about."),
        Column("related_receipt_id", Kind.TEXT, "The receipt that it is about."),
    ),
)

TICKET_EVENTS = Table(
    DATASET,
    "ticket_events",
    "One row a change of a ticket's field.",
    key=("ticket_event_id",),
    version_at="occurred_at",
    columns=(
        Column("ticket_event_id", Kind.TEXT, "Id of the change.", required=True),
        Column("ticket_id", Kind.TEXT, "The ticket.", required=True),
        Column(
            "field",
            Kind.TEXT,
            "The field that changed.",
            required=True,
            allowed=("status", "assignee", "group", "priority"),
        ),
        Column("old_value", Kind.TEXT, "Value before."),
        Column("new_value", Kind.TEXT, "Value after."),
        Column("occurred_at", Kind.INSTANT, "Instant of the change.", required=True),
        Column(
            "actor_type",
            Kind.TEXT,
            "Who changed it.",
            allowed=("customer", "agent", "bot", "system"),
        ),
    ),
)

MESSAGES = Table(
    DATASET,
    "messages",
    "One row a message in a ticket.",
    key=("message_id",),
    version_at="created_at",
    columns=(
        Column("message_id", Kind.TEXT, "Id of the message.", required=True),
        Column("ticket_id", Kind.TEXT, "The ticket.", required=True),
        Column(
            "author_type",
            Kind.TEXT,
            "Who wrote.",
            required=True,
            allowed=("customer", "agent", "bot"),
        ),
        Column("author_id", Kind.TEXT, "Id of the author.", privacy=KEYED),
        Column("is_public", Kind.BOOLEAN, "Whether the customer sees it.", required=True),
        Column("created_at", Kind.INSTANT, "Instant of writing.", required=True),
        Column("intent", Kind.TEXT, "Intent that the bot recognised."),
        Column("body", Kind.TEXT, "Text of the message.", privacy=PERSONAL),
    ),
)

SATISFACTION_RATINGS = Table(
    DATASET,
    "satisfaction_ratings",
    "One row a rating that was offered after a ticket.",
    key=("rating_id",),
    columns=(
        Column("rating_id", Kind.TEXT, "Id of the rating.", required=True),
        Column("ticket_id", Kind.TEXT, "The ticket.", required=True),
        Column("offered_at", Kind.INSTANT, "Instant of the offer.", required=True),
        Column("score", Kind.INTEGER, "1 to 5; empty until the customer rates."),
        Column("rated_at", Kind.INSTANT, "Instant of the rating."),
        Column("comment", Kind.TEXT, "What the customer wrote.", privacy=PERSONAL),
    ),
)

SURVEY_INVITATIONS = Table(
    DATASET,
    "survey_invitations",
    "One row an invitation to a survey.",
    key=("invitation_id",),
    columns=(
        Column("invitation_id", Kind.TEXT, "Id of the invitation.", required=True),
        Column("survey_id", Kind.TEXT, "The survey.", required=True),
        Column("wave", Kind.TEXT, "The wave of the survey.", required=True),
        Column("invited_at", Kind.INSTANT, "Instant of the invitation.", required=True),
        Column("requester_id", Kind.TEXT, "The help desk's person.", privacy=KEYED),
        Column("member_id", Kind.TEXT, "The member.", privacy=KEYED),
    ),
)

CHAT_LINKS = Table(
    DATASET,
    "chat_links",
    "One row a follow, a block or an account link in LINE.",
    key=("link_id",),
    version_at="occurred_at",
    key_groups=(LINE_KEYS,),
    columns=(
        Column("link_id", Kind.TEXT, "Id of the record.", required=True),
        Column("line_user_id", Kind.TEXT, "LINE user id.", required=True, privacy=PERSONAL),
        Column(
            "action",
            Kind.TEXT,
            "follow, block or link_account.",
            required=True,
            allowed=("follow", "block", "link_account"),
        ),
        Column("occurred_at", Kind.INSTANT, "Instant of the action.", required=True),
        Column("member_id", Kind.TEXT, "The member that was linked.", privacy=KEYED),
    ),
)

SURVEY_RESPONSES = Table(
    DATASET,
    "survey_responses",
    "One row an answer to a question of a survey.",
    key=("response_id",),
    version_at="responded_at",
    columns=(
        Column("response_id", Kind.TEXT, "Id of the answer.", required=True),
        Column("survey_id", Kind.TEXT, "The survey.", required=True),
        Column("wave", Kind.TEXT, "The wave of the survey.", required=True),
        Column("question_code", Kind.TEXT, "The question.", required=True),
        Column("score", Kind.INTEGER, "The answer as a number.", required=True),
        Column("responded_at", Kind.INSTANT, "Instant of the answer.", required=True),
        Column("requester_id", Kind.TEXT, "The help desk's person.", privacy=KEYED),
        Column("member_id", Kind.TEXT, "The member.", privacy=KEYED),
        Column("email", Kind.TEXT, "E-mail address that was given.", privacy=PERSONAL),
        Column("comment", Kind.TEXT, "What was written.", privacy=PERSONAL),
    ),
)

SUPPORT = Feed(
    "support",
    "Help desk, chat and surveys.",
    tables=(
        REQUESTERS,
        TICKETS,
        TICKET_EVENTS,
        MESSAGES,
        SATISFACTION_RATINGS,
        SURVEY_INVITATIONS,
        CHAT_LINKS,
        SURVEY_RESPONSES,
    ),
)
