"""Consents."""

from expectations.contract_rules import staging_suite
from expectations.model import refers_to

SUITE = staging_suite(
    "stg_email__consents",
    refers_to(
        "subscriber_id",
        "staging.stg_email__subscribers",
        "subscriber_id",
        explain="Consents of recipients that never arrived. Send the file of subscribers.",
    ),
)
