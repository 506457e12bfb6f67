"""Stores as the register sent them: a wrong zone or currency would shift every number."""

from expectations.contract_rules import raw_suite
from expectations.model import no_result, no_rows

SUITE = raw_suite(
    "raw_pos.stores",
    no_result(
        "timezone_exists",
        "select {row_id} from {table} where timezone not in (select name from pg_timezone_names())",
        "The time zone is not an IANA name such as Asia/Tokyo, so business dates cannot be "
        "computed. Correct the store in the register or in the feed.",
    ),
    no_rows(
        "currency_is_iso_code",
        "not regexp_full_match(currency, '[A-Z]{3}')",
        "The currency is not an ISO 4217 code such as JPY. Correct the store in the feed.",
    ),
    no_rows(
        "day_cutover_hour_in_range",
        "day_cutover_hour not between 0 and 23",
        "The hour at which the business day ends must lie between 0 and 23. "
        "Correct the master of stores.",
    ),
)
