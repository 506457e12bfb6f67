"""Consents: one standing act a person, purpose and channel, that lies in the past."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.model import no_rows, not_null

SUITE = mart_suite(
    "consent_status",
    ("customer_key", "purpose", "channel"),
    not_null("is_granted"),
    not_null("changed_at"),
    known_customers(),
    no_rows(
        "no_act_of_the_future",
        # The company's as-of date ends up to a day after the same date of UTC does.
        "not coalesce(cast(changed_at as date) <= {as_of} + 1, false)",
        "An act of consent lies after the as-of date, so the same date would give another answer "
        "tomorrow. This is a fault in the model: report it.",
        acceptable=False,
    ),
    text_columns=("consent_source", "wording_version"),
    has_customer_key=True,
)
