"""Trials: nobody converts who has not matured, and the whole holds its parts."""

from expectations.mart_rules import mart_suite, share
from expectations.model import Severity, in_set, no_result, no_rows, not_null, reconciles

COUNTS = (
    "started",
    "matured",
    "converted",
    "pending",
    "pending_converted",
    "started_first_time",
    "matured_first_time",
    "converted_first_time",
    "unidentified_receipts",
)

SUITE = mart_suite(
    "trial_conversion",
    ("trial_kind", "product_id", "cohort_week"),
    in_set("trial_kind", ("sample", "trial_membership"), acceptable=False),
    *(not_null(column) for column in COUNTS),
    not_null("is_complete"),
    share("conversion"),
    share("conversion_first_time"),
    no_rows(
        "counts_are_nested",
        f"least({', '.join(COUNTS)}) < 0 or matured + pending <> started or converted > matured "
        "or pending_converted > pending or started_first_time > started "
        "or matured_first_time > matured or converted_first_time > converted "
        "or matured_first_time > started_first_time or converted_first_time > matured_first_time",
        "A part is larger than its whole: somebody converted who did not start or mature. Report "
        "it.",
        acceptable=False,
    ),
    no_rows(
        "unfinished_is_not_measured",
        "(matured = 0) <> (conversion is null) or (is_complete and pending > 0) "
        "or (converted = 0) <> (median_days_to_convert is null) "
        "or (converted = 0 and converted_net_sales <> 0)",
        "A rate, a median or sales must exist exactly where something matured or converted, and "
        "nobody of a complete week is pending: report it.",
        acceptable=False,
    ),
    no_rows(
        "weeks_begin_on_monday",
        "isodow(cohort_week) <> 1",
        "A week does not begin on a Monday: report it.",
        acceptable=False,
    ),
    no_rows(
        "conversions_bring_money",
        "converted > 0 and converted_net_sales <= 0",
        "Somebody converted by a purchase of nothing: report it.",
        acceptable=False,
    ),
    no_result(
        "all_holds_every_person_once",
        "with products as (select trial_kind, sum(started) as people, max(started) as most "
        "from (select trial_kind, product_id, sum(started) as started from {table} "
        "where product_id <> 'all' group by all) group by trial_kind) "
        "select trial_kind, product_id, cohort_week from {table} "
        "join (select trial_kind, sum(started) as everybody from {table} "
        "where product_id = 'all' group by trial_kind) using (trial_kind) "
        "join products using (trial_kind) "
        "where everybody > people or everybody < most",
        "Over all products there are more people than the products have, or fewer than one of "
        "them has: report it.",
    ),
    reconciles(
        "trials_equal_receipts",
        "select sum(started) from {table} where trial_kind = 'sample' and product_id <> 'all'",
        "select count(*) from (select distinct receipts.customer_key, lines.product_id "
        "from marts.fct_sales_line as lines "
        "join marts.dim_product as products using (product_id) "
        "join marts.fct_sales_receipt as receipts using (receipt_id) "
        "where products.is_sample and lines.line_type = 'sale' and lines.quantity > 0 "
        "and receipts.receipt_type = 'sale' and not receipts.is_internal "
        "and receipts.customer_key is not null)",
        "The people who tried a sample are not those of the receipts: report it.",
    ),
    no_rows(
        "trials_are_followed",
        "product_id = 'all' and is_complete and unidentified_receipts > 4 * (started + 5)",
        "Most trials of a week went to people without a card, so its conversion says little. Check "
        "that shops give samples and trials to members.",
        severity=Severity.WARNING,
    ),
    dates=("cohort_week",),
    text_columns=("product_id",),
)
