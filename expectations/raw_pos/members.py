"""Members as the register sent them."""

from expectations.contract_rules import raw_suite
from expectations.model import Severity, no_rows

SUITE = raw_suite(
    "raw_pos.members",
    no_rows(
        "birth_date_plausible",
        "year(birth_date) < {oldest_birth_year}",
        "A date of birth is a placeholder or a slip; such members have no age band. "
        "Correct it at the register.",
        severity=Severity.WARNING,
    ),
    no_rows(
        "left_after_joining",
        "left_at < joined_at",
        "A member left before joining. Check the dates in the register.",
        severity=Severity.WARNING,
    ),
)
