"""Lifetime value: the past adds up to the receipts, predictions hang together and were tested."""

from expectations.mart_rules import known_customers, mart_suite, share
from expectations.model import Rule, Severity, in_set, no_rows, not_null, reconciles

STATUSES = ("predicted", "insufficient_data", "no_purchase")
BANDS = ("low", "medium", "high")
PREDICTIONS = (
    "p_alive",
    "churn_risk",
    "churn_risk_band",
    "expected_orders_30d",
    "expected_orders_90d",
    "expected_orders_365d",
    "expected_order_value",
    "ltv_predicted_30d",
    "ltv_predicted_90d",
    "ltv_predicted_365d",
    "ltv_total",
)
_BACKTEST = (
    "select actual_to_predicted from prediction.model_backtest "
    "where segment = 'all' and bucket_type = 'all'"
)

SUITE = mart_suite(
    "customer_ltv",
    ("customer_key",),
    not_null("ltv_historic"),
    not_null("prediction_status"),
    in_set("prediction_status", STATUSES, acceptable=False),
    in_set("churn_risk_band", BANDS, acceptable=False),
    known_customers(),
    reconciles(
        "customers_equal_dimension",
        "select count(*) from {table}",
        "select count(*) from marts.dim_customer where not is_internal",
        "customer_ltv must hold every customer but internal accounts: report it.",
    ),
    reconciles(
        "value_equals_receipts",
        "select sum(ltv_historic) from {table}",
        "select sum(receipts.net_sales_order_dated) from marts.fct_sales_receipt as receipts "
        "join {table} as lifetime_values using (customer_key) "
        "where receipts.business_date >= lifetime_values.first_q_date",
        "The customers' historic values do not add up to their receipts since the first order: "
        "report it.",
    ),
    reconciles(
        "orders_equal_receipts",
        "select sum(q_orders) from {table}",
        "select count(*) from marts.fct_sales_receipt "
        "where is_qualifying and customer_key is not null",
        "The customers' orders do not add up to the qualifying receipts: report it.",
    ),
    no_rows(
        "no_average_without_orders",
        "(coalesce(q_orders, 0) = 0) <> (average_order_value is null)",
        "The average order value must be NULL without orders, and have a value with some: report "
        "it.",
        acceptable=False,
    ),
    no_rows(
        "status_names_who_never_bought",
        "(prediction_status = 'no_purchase') <> (q_orders = 0) "
        "or (q_orders = 0) <> (purchase_days = 0) or purchase_days > q_orders "
        "or (q_orders = 0) <> (ltv_segment is null)",
        "A customer has orders, purchase days and a segment, or none of them and no_purchase: "
        "report it.",
        acceptable=False,
    ),
    *(
        no_rows(
            f"{column}_where_predicted",
            f"(prediction_status = 'predicted') <> ({column} is not null)",
            f"{column} must have a value exactly where prediction_status is predicted: report it.",
            acceptable=False,
        )
        for column in PREDICTIONS
    ),
    Rule(
        "one_status_for_all_buyers",
        "count(distinct prediction_status) filter (where prediction_status <> 'no_purchase')",
        "Some buyers are predicted and others are not: their segment has no parameters, or their "
        "repeats and age no factor. Report it.",
        high=1,
    ),
    no_rows(
        "predictions_follow_from_each_other",
        "abs(p_alive + churn_risk - 1) > {rate_tolerance} or expected_order_value <= 0 "
        "or abs(ltv_total - ltv_historic - ltv_predicted_365d) > 0 "
        "or not (0 <= expected_orders_30d and expected_orders_30d <= expected_orders_90d "
        "and expected_orders_90d <= expected_orders_365d and expected_orders_365d <= 365) "
        "or abs(ltv_predicted_365d - expected_orders_365d * expected_order_value) "
        "> 0.01 + 0.000001 * ltv_predicted_365d",
        "A customer's predictions contradict each other: report it.",
        acceptable=False,
    ),
    share("cost_coverage"),
    share("p_alive"),
    Rule(
        "backtest_in_range",
        f"(select coalesce(({_BACKTEST}), 1))",
        "What customers bought in the last 180 days is far from what a fit from before them "
        "predicted (ops.model_backtest, docs/metrics/ltv.md). After a change such as a new chain "
        "of shops or a price rise this is to be expected; read the predictions with care. "
        "Check the backtest by segment.",
        low="min_actual_to_predicted",
        high="max_actual_to_predicted",
        severity=Severity.WARNING,
    ),
    Rule(
        "fit_succeeded",
        "(select count(*) from prediction.clv_params where status = 'failed')",
        "There was enough to predict from and the fit did not succeed, so nothing is predicted. "
        "prediction.clv_params says why: report it.",
        severity=Severity.WARNING,
    ),
    dates=("first_q_date", "last_q_date"),
    has_customer_key=True,
)
