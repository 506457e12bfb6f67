"""Events of messages."""

from expectations.contract_rules import staging_suite
from expectations.model import not_null, refers_to

SUITE = staging_suite(
    "stg_email__events",
    not_null("is_machine"),
    not_null("event_date"),
    refers_to(
        "subscriber_id",
        "staging.stg_email__subscribers",
        "subscriber_id",
        explain="Events of recipients that never arrived; each becomes a customer of its own. "
        "Send the file of subscribers.",
    ),
    refers_to(
        "campaign_id",
        "staging.stg_email__campaigns",
        "campaign_id",
        explain="Events of campaigns that never arrived; they count for no campaign. "
        "Send the file of campaigns.",
    ),
    sort=True,
)
