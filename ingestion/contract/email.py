"""The mail tool's tables: subscribers, campaigns, audiences, events, consents, attendances."""

from ingestion.contract.identity import EMAIL_KEYS, NAME_KEYS
from ingestion.contract.model import Column, Feed, Kind, Privacy, Table

DATASET = "raw_email"
PERSONAL, KEYED = Privacy.PERSONAL, Privacy.KEYED
CHANNELS = ("email", "line", "sms", "dm", "coupon", "event")

SUBSCRIBERS = Table(
    DATASET,
    "subscribers",
    "One row a recipient of the mail tool.",
    key=("subscriber_id",),
    version_at="updated_at",
    key_groups=(EMAIL_KEYS, NAME_KEYS),
    columns=(
        Column(
            "subscriber_id",
            Kind.TEXT,
            "The mail tool's id of the recipient.",
            required=True,
            privacy=KEYED,
        ),
        Column(
            "status",
            Kind.TEXT,
            "subscribed, unsubscribed, bounced or complained.",
            required=True,
            allowed=("subscribed", "unsubscribed", "bounced", "complained"),
        ),
        Column("email", Kind.TEXT, "E-mail address.", privacy=PERSONAL),
        Column("email_verified_at", Kind.INSTANT, "Instant at which the address was verified."),
        Column("member_id", Kind.TEXT, "The register's member, where known.", privacy=KEYED),
        Column("name", Kind.TEXT, "Name as the recipient gave it.", privacy=PERSONAL),
        Column("consented_at", Kind.INSTANT, "Instant of consent."),
        Column("consent_source", Kind.TEXT, "Where consent was given."),
        Column("updated_at", Kind.INSTANT, "Instant of the last change.", required=True),
    ),
)

CAMPAIGNS = Table(
    DATASET,
    "campaigns",
    "One row a campaign, whatever its channel.",
    key=("campaign_id",),
    columns=(
        Column("campaign_id", Kind.TEXT, "Id of the campaign.", required=True),
        Column("name", Kind.TEXT, "Name of the campaign.", required=True),
        Column("channel", Kind.TEXT, "How it reached people.", required=True, allowed=CHANNELS),
        Column("subject", Kind.TEXT, "Subject line."),
        Column("scheduled_at", Kind.INSTANT, "Planned instant of the send."),
        Column("sent_at", Kind.INSTANT, "Instant of the send."),
        Column("cost", Kind.MONEY, "Cost of the campaign."),
        Column("success_metric", Kind.TEXT, "The rate by which success is judged."),
        Column("success_threshold", Kind.RATE, "The value from which it counts as a success."),
        Column("success_registered_at", Kind.INSTANT, "Instant at which that rule was set."),
    ),
)

CONTACTS = Table(
    DATASET,
    "contacts",
    "One row a person in the audience of a campaign, hold-outs included.",
    key=("campaign_id", "subscriber_id", "member_id"),
    nullable_key=True,
    columns=(
        Column("campaign_id", Kind.TEXT, "The campaign.", required=True),
        Column("subscriber_id", Kind.TEXT, "The recipient, or empty.", privacy=KEYED),
        Column("member_id", Kind.TEXT, "The member, or empty.", privacy=KEYED),
        Column("variant", Kind.TEXT, "Variant of the message."),
        Column("is_holdout", Kind.BOOLEAN, "True for people held out on purpose."),
        Column("sent_at", Kind.INSTANT, "Instant of the send to this person."),
    ),
)

EVENTS = Table(
    DATASET,
    "events",
    "One row a thing that happened to a message.",
    key=("event_id",),
    version_at="occurred_at",
    columns=(
        Column("event_id", Kind.TEXT, "Id of the event.", required=True),
        Column(
            "event_type",
            Kind.TEXT,
            "What happened.",
            required=True,
            allowed=(
                "delivered",
                "open",
                "click",
                "bounce_hard",
                "bounce_soft",
                "dropped",
                "unsubscribe",
                "complaint",
            ),
        ),
        Column("occurred_at", Kind.INSTANT, "Instant of the event.", required=True),
        Column("subscriber_id", Kind.TEXT, "The recipient.", required=True, privacy=KEYED),
        Column("campaign_id", Kind.TEXT, "The campaign."),
        Column("is_machine", Kind.BOOLEAN, "True when a machine opened or clicked."),
        Column("user_agent", Kind.TEXT, "The client's name of itself."),
        Column(
            "url", Kind.TEXT, "The link that was clicked; may carry an address.", privacy=PERSONAL
        ),
    ),
)

CONSENTS = Table(
    DATASET,
    "consents",
    "One row a consent that was granted or withdrawn.",
    key=("consent_id",),
    version_at="occurred_at",
    columns=(
        Column("consent_id", Kind.TEXT, "Id of the record.", required=True),
        Column("subscriber_id", Kind.TEXT, "The recipient.", required=True, privacy=KEYED),
        Column("purpose", Kind.TEXT, "What the consent is for.", required=True),
        Column("channel", Kind.TEXT, "The channel it covers.", required=True),
        Column(
            "action",
            Kind.TEXT,
            "granted or withdrawn.",
            required=True,
            allowed=("granted", "withdrawn"),
        ),
        Column("occurred_at", Kind.INSTANT, "Instant of the action.", required=True),
        Column("source", Kind.TEXT, "Form or shop where it was given."),
        Column("wording_version", Kind.TEXT, "Version of the wording that was shown."),
    ),
)

ATTENDANCES = Table(
    DATASET,
    "attendances",
    "One row a registration for the event of a campaign, a cancellation or an attendance.",
    key=("attendance_id",),
    version_at="occurred_at",
    columns=(
        Column("attendance_id", Kind.TEXT, "Id of the record.", required=True),
        Column("campaign_id", Kind.TEXT, "The campaign that invited.", required=True),
        Column(
            "action",
            Kind.TEXT,
            "registered, attended or cancelled.",
            required=True,
            allowed=("registered", "attended", "cancelled"),
        ),
        Column("occurred_at", Kind.INSTANT, "Instant of the action.", required=True),
        Column("subscriber_id", Kind.TEXT, "The recipient, or empty.", privacy=KEYED),
        Column("member_id", Kind.TEXT, "The member, or empty.", privacy=KEYED),
        Column("store_id", Kind.TEXT, "The store where the event takes place."),
    ),
)

EMAIL = Feed(
    "email",
    "E-mail tool, and the audiences of every other direct channel.",
    tables=(SUBSCRIBERS, CAMPAIGNS, CONTACTS, EVENTS, CONSENTS, ATTENDANCES),
)
