"""Every number that a rule compares with, in one place.

Amounts are in a store's currency, so the limits suit the smallest unit in use (the yen). They catch
a slipped decimal point or a barcode in an amount column, not an unusual sale. `[gates]` of
`tokui.toml` replaces any of them by name (`RunFacts.thresholds`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ingestion.errors import ConfigurationError

THRESHOLDS: dict[str, float] = {
    # Clocks
    "clock_skew_hours": 24,  # an instant may lie so far ahead of the run's clock
    "max_business_date_shift_days": 2,  # register's business date against its clock (warning)
    "oldest_birth_year": 1900,
    # Volumes of rows
    "min_quarantined_rows": 3,  # fewer are typing errors, whatever their share
    "max_quarantined_share": 0.01,  # of a table's rows in its newest load
    # Plausible amounts, absolute values
    "max_line_amount": 100_000_000,
    "max_receipt_amount": 1_000_000_000,
    "max_unit_price": 100_000_000,
    "max_quantity": 1_000_000,  # fuel is sold by the millilitre
    "max_tax_rate": 0.5,
    "max_campaign_cost": 10_000_000_000,
    "max_customer_count": 1_000,
    "max_survey_score": 100,
    # Shares of rows at fault from which noise becomes a fault
    "max_line_arithmetic_share": 0.01,
    "max_payment_mismatch_share": 0.01,
    "max_total_mismatch_share": 0.01,
    "gross_mismatch_share": 0.005,  # of a receipt's total: more is not rounding
    "min_total_mismatches": 1,  # receipts a day: fewer are slips, whatever their share
    "min_payment_mismatches": 3,
    "days_judged_alone": 7,  # the newest days, whose shares are judged one by one
    "max_lines_without_head_share": 0.01,
    # What is usual: a day against the median of its weekday, a week against the weeks before.
    # Unusual is only what lies beyond all of these.
    "weeks_compared": 8,
    "min_weeks_compared": 4,
    "min_usual_amount": 30,  # receipts a day, rows a week: less is never judged
    "min_volume_to_usual": 0.2,
    "max_volume_to_usual": 3.0,
    "deviations_to_typical": 6,  # times the median deviation of the weeks before
    "deviations_to_widest": 1.5,  # times the widest deviation of the weeks before
    # Drift of shares of the newest day or week against the eight weeks before
    "min_drift_rows": 300,  # rows a day or week: of fewer a share says nothing
    "min_share_drift": 0.15,  # difference from the usual share
    # A store's day that did not arrive
    "missing_days_searched": 28,  # so many days back
    "min_usual_receipts": 15,  # a day without any is a fault where so many are usual
    "min_usual_receipts_with_closings": 2,  # or so many, where a closing always came
    # Days since the newest row of a feed: first a warning, then a stop
    "max_receipt_age_days": 3,
    "max_receipt_age_days_critical": 14,
    "max_email_age_days": 21,
    "max_email_age_days_critical": 60,
    "max_support_age_days": 14,
    "max_support_age_days_critical": 60,
    # Against the last publication
    "max_vanished_customers_share": 0.01,  # other than by a merge
    "max_unexplained_loss_share": 0.0005,  # of the sales of days that were published
    # Purchases of the last 180 days against those predicted before them (warning)
    "min_actual_to_predicted": 0.8,
    "max_actual_to_predicted": 1.25,
    # Rounding
    "rate_tolerance": 0.000_000_002,  # rates are rounded to nine places
}

ZERO_DECIMAL_CURRENCIES = (
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"),
    *("UGX", "VND", "VUV", "XAF", "XOF", "XPF"),
)


def check_overrides(path: Path, gates: Mapping[str, object]) -> None:
    """Refuse thresholds of a configuration that do not exist or are no such number.

    Raises:
        ConfigurationError: a name is unknown, or a value is not a number, below 0, or a share
            above 1; the message names it and what there is.
    """
    unknown = sorted(set(gates) - set(THRESHOLDS))
    if unknown:
        raise ConfigurationError(
            f"{path}: gates: unknown threshold {', '.join(unknown)}. There are "
            f"{', '.join(sorted(THRESHOLDS))}; docs/gates.md says what each is for."
        )
    for name, value in gates.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ConfigurationError(f"{path}: gates.{name} must be a number, not {value!r}.")
        if value < 0 or (name.endswith("_share") and value > 1):
            limits = "between 0 and 1" if name.endswith("_share") else "0 or more"
            raise ConfigurationError(f"{path}: gates.{name} is {value}; it must be {limits}.")


def minor_unit(currency: str) -> str:
    """SQL for the smallest amount in `currency` (a SQL expression): 1 yen, 0.01 dollars.

    The gate states it itself instead of reading the seed of the models, which it checks.
    """
    listed = ", ".join(f"'{code}'" for code in ZERO_DECIMAL_CURRENCIES)
    return f"case when {currency} in ({listed}) then 1.00 else 0.01 end"
