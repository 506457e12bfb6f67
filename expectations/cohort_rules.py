"""The rules that both cohort tables share: their scopes hold the same customers, month by month."""

from expectations.mart_rules import mart_suite
from expectations.model import Rule, Suite, in_set, no_result, no_rows, not_null, reconciles

KEY = ("scope_type", "scope_key", "cohort_month", "months_since")
SCOPES = ("all", "channel", "store")


def cohort_suite(name: str, numbers: tuple[str, ...], *rules: Rule) -> Suite:
    """The suite of a table of cohorts: what both must fulfil, then the table's own `rules`.

    `numbers` are the columns that an unfinished month leaves NULL.
    """
    known = " or ".join(f"({number} is null) = is_complete" for number in numbers)
    return mart_suite(
        name,
        KEY,
        in_set("scope_type", SCOPES, acceptable=False),
        not_null("cohort_size"),
        not_null("is_left_censored"),
        *(_sizes_are_customers(scope) for scope in SCOPES),
        no_result(
            "months_without_gap",
            "select scope_type, scope_key, cohort_month from {table} "
            "group by scope_type, scope_key, cohort_month having min(months_since) <> 0 "
            "or max(months_since) <> date_diff('month', cohort_month, {as_of}) "
            "or count(*) <> max(months_since) + 1 or count(distinct cohort_size) <> 1",
            "A cohort must have one row a month from its own to the as-of date's, all of one size: "
            "report it.",
            row_id=("scope_type", "scope_key", "cohort_month"),
        ),
        no_rows(
            "complete_when_month_has_ended",
            "is_complete is distinct from "
            "(months_since < date_diff('month', cohort_month, {as_of} + 1))",
            "is_complete must say whether the month has ended by the as-of date: report it.",
            acceptable=False,
        ),
        no_rows(
            "null_when_not_complete",
            known,
            "A number stands in a month that has not ended, which would look like a drop, or is "
            "missing in one that has: report it.",
            acceptable=False,
        ),
        *rules,
        dates=("cohort_month",),
    )


def _sizes_are_customers(scope: str) -> Rule:
    return reconciles(
        f"sizes_of_{scope}_equal_customers",
        f"select sum(cohort_size) from {{table}} where scope_type = '{scope}' and months_since = 0",
        "select count(distinct customer_key) from marts.fct_sales_receipt where is_qualifying",
        "The cohorts do not add up to the customers with a qualifying order: report it.",
    )
