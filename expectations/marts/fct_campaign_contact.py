"""Audiences of campaigns: who was sent a message, who was not and why."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.model import Severity, in_set, no_result, no_rows, not_null, reconciles

CHANNELS = ("email", "line", "sms", "dm", "coupon", "event")
OUTCOMES = ("delivered", "bounced_hard", "bounced_soft", "dropped", "not_sent")
REASONS = ("held_out", "complained", "unsubscribed", "bounced", "dropped", "not_sent_yet")
REACTED = (
    "coalesce(opened_at, machine_opened_at, clicked_at, unsubscribed_at, complained_at) is not null"
)

SUITE = mart_suite(
    "fct_campaign_contact",
    ("contact_key",),
    in_set("channel", CHANNELS, acceptable=False),
    in_set("outcome", OUTCOMES, acceptable=False),
    in_set("suppressed_reason", REASONS, acceptable=False),
    not_null("campaign_id"),
    not_null("is_holdout"),
    not_null("audience_at"),
    not_null("outcome"),
    known_customers(),
    no_rows(
        "attempted_or_a_reason",
        "(outcome in ('dropped', 'not_sent')) <> (suppressed_reason is not null) "
        "or (sent_at is not null and outcome in ('dropped', 'not_sent'))",
        "An entry must have been attempted or say why not, and only one of both: report it.",
        acceptable=False,
    ),
    no_rows(
        "who_reacted_was_reached",
        f"outcome <> 'delivered' and {REACTED}",
        "Somebody reacted to a message that did not reach them: report it.",
        acceptable=False,
    ),
    no_rows(
        "key_is_opaque",
        "not regexp_full_match(contact_key, 'e[0-9a-f]{24}')",
        "contact_key is not the opaque key that the warehouse makes: report it.",
        acceptable=False,
    ),
    reconciles(
        "row_count_equals_audiences",
        "select count(*) from {table}",
        "select count(*) from intermediate.int_campaign_recipients as entries left join "
        "marts.dim_customer as people using (customer_key) "
        "where not coalesce(people.is_internal, false)",
        "Entries of audiences were lost or doubled: report it.",
    ),
    no_rows(
        "held_out_were_held_out",
        "is_holdout and outcome in ('delivered', 'bounced_hard', 'bounced_soft')",
        "People were written to who were held out, so a comparison with hold-outs is worth less. "
        "Ask whether the mail tool sent to the whole audience.",
        severity=Severity.WARNING,
    ),
    no_result(
        "nobody_waits_for_an_old_campaign",
        "select campaign_id from {table} join marts.dim_campaign using (campaign_id) "
        "where last_sent_date < {as_of} - 14 group by campaign_id "
        "having count(*) filter (where suppressed_reason = 'not_sent_yet') > 0.5 * count(*)",
        "Of most of a campaign's audience nothing tells of a send, two weeks after its last. See "
        "whether the file of contacts fills sent_at.",
        row_id=("campaign_id",),
        severity=Severity.WARNING,
    ),
    text_columns=("variant",),
    sort=True,
)
