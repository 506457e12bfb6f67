"""Funnel of repeat orders: it narrows, its scopes and buckets add up to all."""

from expectations.mart_rules import mart_suite, share
from expectations.model import in_set, no_result, no_rows, not_null, reconciles

SUITE = mart_suite(
    "repeat_funnel",
    ("scope_type", "scope_key", "step", "days_bucket"),
    in_set("scope_type", ("all", "channel", "store"), acceptable=False),
    not_null("customers"),
    not_null("matured_customers"),
    not_null("matured_reached"),
    share("reach_rate"),
    share("step_rate"),
    share("bucket_share"),
    no_rows(
        "steps_known",
        "step not between 1 and 10 or (step = 1 and days_bucket <> 'all')",
        "The funnel has ten steps, and the first has no order before it: report it.",
        acceptable=False,
    ),
    no_rows(
        "funnel_narrows",
        "customers > step_customers or step_customers > previous_customers "
        "or matured_reached > customers or matured_reached > matured_customers",
        "More customers have an order than have the one before, or more mature ones than all: "
        "report it.",
        acceptable=False,
    ),
    no_rows(
        "rates_divide_their_columns",
        "abs(reach_rate - matured_reached / matured_customers) > {rate_tolerance} "
        "or abs(step_rate - customers / previous_customers) > {rate_tolerance} "
        "or abs(bucket_share - customers / step_customers) > {rate_tolerance}",
        "A rate is not its numerator divided by its denominator: report it.",
        acceptable=False,
    ),
    no_rows(
        "null_without_denominator",
        "(days_bucket = 'all' and (matured_customers = 0) <> (reach_rate is null)) "
        "or (days_bucket = 'all' and (coalesce(previous_customers, 0) = 0) <> (step_rate is null)) "
        "or (days_bucket <> 'all' and (reach_rate is not null or step_rate is not null)) "
        "or (step_customers = 0) <> (bucket_share is null)",
        "A rate must be NULL exactly where there is nothing to divide by: report it.",
        acceptable=False,
    ),
    no_result(
        "buckets_add_up",
        "select scope_type, scope_key, step from {table} where step > 1 "
        "group by scope_type, scope_key, step "
        "having sum(customers) filter (where days_bucket <> 'all') <> "
        "sum(customers) filter (where days_bucket = 'all') "
        "or sum(matured_reached) filter (where days_bucket <> 'all') <> "
        "sum(matured_reached) filter (where days_bucket = 'all') or count(*) <> 16",
        "The buckets of days do not add up to the step: report it.",
        row_id=("scope_type", "scope_key", "step"),
    ),
    no_result(
        "scopes_add_up",
        "with summed as (select scope_type, step, days_bucket, sum(customers) as customers, "
        "sum(matured_reached) as matured_reached from {table} "
        "group by scope_type, step, days_bucket) "
        "select step, days_bucket from summed group by step, days_bucket "
        "having min(customers) <> max(customers) or min(matured_reached) <> max(matured_reached) "
        "or count(*) <> 3",
        "Channels or stores of the first order do not add up to the company: report it.",
        row_id=("step", "days_bucket"),
    ),
    reconciles(
        "first_step_equals_customers",
        "select sum(customers) from {table} "
        "where scope_type = 'all' and step = 1 and days_bucket = 'all'",
        "select count(distinct customer_key) from marts.fct_sales_receipt "
        "where is_qualifying and customer_key is not null",
        "The first step is not the number of customers with an order: report it.",
    ),
)
