"""Current receipts: dated, with lines, paid in full."""

from expectations.contract_rules import staging_suite
from expectations.drift import null_drift, share_drift
from expectations.model import (
    RECENT,
    Severity,
    day_share_at_most,
    no_result,
    no_rows,
    not_null,
    refers_to,
    share_at_most,
)
from expectations.store_days import missing_store_days
from expectations.thresholds import minor_unit

COUNTED_TYPES = "receipt_type in ('sale', 'return')"
WITHOUT_LINES = (
    # Grouped: a set of receipts is smaller than one of lines.
    f"{COUNTED_TYPES} and coalesce(receipt_id not in (select lines.receipt_id "
    "from staging.stg_pos__receipt_lines as lines where lines.receipt_id is not null "
    "group by lines.receipt_id), true)"
)


def _unpaid(columns: str, receipts: str = "{table}", payments: str = "true") -> str:
    return (
        "with paid as (select receipt_id, sum(amount) as amount from staging.stg_pos__payments "
        f"where {payments} group by receipt_id) "
        f"select here.{columns} from {receipts} as here join paid using (receipt_id) "
        f"where {COUNTED_TYPES} and abs(here.total_inc_tax - paid.amount) "
        f"> {minor_unit('here.currency')}"
    )


UNPAID = no_result(
    "total_equals_payments",
    _unpaid("receipt_id"),
    "The payments of a receipt do not add up to its total. Check the receipts named at the "
    "register: a tender may be missing from the feed, or points be sent as both a discount and a "
    "tender.",
    severity=Severity.WARNING,
    acceptable=True,
)

SUITE = staging_suite(
    "stg_pos__receipts",
    not_null("business_date"),
    no_rows(
        "business_date_near_closing",
        "abs(date_diff('day', business_date, cast(closed_at as date))) "
        "> {max_business_date_shift_days}",
        "The register's business date is days away from the instant of closing. Check the time "
        "zone of the feed and the clock of the register.",
        severity=Severity.WARNING,
    ),
    no_rows(
        "receipts_have_lines",
        f"total_inc_tax <> 0 and {WITHOUT_LINES}",
        "A receipt with an amount has no line, so its sale would be lost. The file of lines is "
        "incomplete or did not arrive: ask for it again.",
    ),
    no_result(
        "empty_receipts_have_lines",
        # A query of its own: so few are empty that it asks for theirs alone.
        f"select {{row_id}} from {{table}} as here where {COUNTED_TYPES} and total_inc_tax = 0 "
        "and not exists (select 1 from staging.stg_pos__receipt_lines as lines "
        "where lines.receipt_id = here.receipt_id)",
        "A receipt of nothing has no line; it does not appear in the facts about lines. "
        "Check whether its lines were exported.",
        severity=Severity.WARNING,
        acceptable=True,
    ),
    UNPAID,
    share_at_most(UNPAID, "max_payment_mismatch_share"),
    no_rows(
        "sign_of_returns",
        "receipt_type = 'return' and total_inc_tax > 0",
        "A return has a positive total. If the register sends returns without their sign, say so "
        "in the configuration of the feed.",
        severity=Severity.WARNING,
    ),
    day_share_at_most(
        UNPAID,
        "max_payment_mismatch_share",
        _unpaid(
            "receipt_id, here.business_date",
            f"(select * from {{table}} where {RECENT})",
            f"receipt_id in (select receipt_id from {{table}} where {RECENT})",
        ),
        least="min_payment_mismatches",
    ),
    missing_store_days(),
    share_drift(
        "receipt_types_steady",
        "select business_date as day, receipt_type as subject, count(*) as part, "
        "count(*) as row_count from {table} where business_date > {as_of} - 63 group by all",
        "A type of receipt is far more or less frequent than in the eight weeks before: does the "
        "register still name types as before? Map them in the configuration of the feed.",
    ),
    null_drift(
        "{table}",
        "business_date",
        ("member_id", "staff_id", "register_id"),
        "A column of receipts is filled far less or more often than in the eight weeks before. Was "
        "it renamed at the register? Look at the last day's rows and map the column.",
    ),
    refers_to(
        "store_id",
        "staging.stg_pos__stores",
        "store_id",
        explain="Receipts of stores that the master does not hold: the sale is kept under an "
        "inferred store, in the company's zone and currency. Send the master.",
    ),
    refers_to(
        "member_id",
        "staging.stg_pos__members",
        "member_id",
        explain="Receipts of members that the master does not hold: the sale is kept under an "
        "inferred customer. Send the master.",
    ),
    refers_to(
        "original_receipt_id",
        "staging.stg_pos__receipts",
        "receipt_id",
        explain="Returns or voids of receipts that never arrived; such a return counts on its own "
        "day, such a void has no effect. Ask for those receipts.",
    ),
)
