"""Current lines of receipts: the arithmetic of a line."""

from expectations.contract_rules import staging_suite
from expectations.model import Severity, no_result, no_rows, refers_to, share_at_most
from expectations.thresholds import minor_unit

# The plain condition first: only the few lines that it leaves are joined to their currency.
WRONG_ARITHMETIC = no_result(
    "line_arithmetic",
    "with suspects as (select receipt_id, line_no, abs(line_amount - round("
    "cast(quantity as double) * unit_price - coalesce(discount_amount, 0), 2)) as difference "
    "from {table} where quantity <> 0 and abs(line_amount - ("
    "cast(quantity as double) * unit_price - coalesce(discount_amount, 0))) > 0.01) "
    "select suspects.receipt_id, suspects.line_no from suspects "
    "left join staging.stg_pos__receipts as receipts using (receipt_id) "
    f"where difference > {minor_unit('receipts.currency')} + 0.000001",
    "line_amount is not quantity * unit_price - discount_amount. Check which of the four columns "
    "the feed fills differently; line_amount is what counts.",
    severity=Severity.WARNING,
    acceptable=True,
)
WITHOUT_HEAD = refers_to(
    "receipt_id",
    "staging.stg_pos__receipts",
    "receipt_id",
    explain="Lines of receipts that never arrived; they are counted nowhere. Ask for the receipts.",
)

SUITE = staging_suite(
    "stg_pos__receipt_lines",
    WRONG_ARITHMETIC,
    share_at_most(
        WRONG_ARITHMETIC, "max_line_arithmetic_share", of="count(*) filter (where quantity <> 0)"
    ),
    WITHOUT_HEAD,
    share_at_most(WITHOUT_HEAD, "max_lines_without_head_share"),
    no_rows(
        "sign_of_returns",
        "line_type = 'return' and line_amount > 0",
        "A line of a return has a positive amount. If the register sends returns without their "
        "sign, say so in the configuration of the feed.",
        severity=Severity.WARNING,
    ),
    refers_to(
        "product_id",
        "staging.stg_pos__products",
        "product_id",
        explain="Lines of products that the master does not hold: the sale is kept under an "
        "inferred product without category and cost. Send the master.",
    ),
    slot="line_no",
)
