"""Every number that a rule compares with, in one place.

Amounts are in a store's currency, so the limits suit the smallest unit in use (the yen). They catch
a slipped decimal point or a barcode in an amount column, not an unusual sale. A run may replace any
of them by name (`RunFacts.thresholds`).
"""

THRESHOLDS: dict[str, float] = {
    # Clocks
    "clock_skew_hours": 24,  # an instant may lie so far ahead of the run's clock
    "max_receipt_age_days": 3,  # the newest receipt is so old at most (warning)
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
    "max_lines_without_head_share": 0.01,
    # Sales of the as-of day against the median of its weekday (warning)
    "weekdays_compared": 8,
    "min_weekdays_compared": 4,
    "min_sales_to_median": 0.3,
    "max_sales_to_median": 3.0,
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


def minor_unit(currency: str) -> str:
    """SQL for the smallest amount in `currency` (a SQL expression): 1 yen, 0.01 dollars.

    The gate states it itself instead of reading the seed of the models, which it checks.
    """
    listed = ", ".join(f"'{code}'" for code in ZERO_DECIMAL_CURRENCIES)
    return f"case when {currency} in ({listed}) then 1.00 else 0.01 end"
