"""What the gate on lifetime value must hold: one fault, one rule."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from expectations.marts.customer_ltv import PREDICTIONS
from expectations.model import RunFacts, Severity
from expectations.registry import find_suite
from expectations.runner import run_suites

ANNA, BEN = "c" + "a" * 24, "c" + "b" * 24
MARTS = f"""
    create schema marts;
    create table marts.dim_customer as
    select customer_key, false as is_internal
    from (values ('{ANNA}'), ('{BEN}')) as people (customer_key);
    create table marts.fct_sales_receipt as
    select
        '{ANNA}' as customer_key, date '2026-01-10' as business_date,
        cast(500 as decimal(18, 2)) as net_sales_order_dated, true as is_qualifying;
    create table marts.customer_ltv as
    select
        '{ANNA}' as customer_key, date '2026-01-10' as first_q_date,
        date '2026-01-10' as last_q_date, 1 as q_orders, 1 as purchase_days,
        cast(500 as decimal(18, 2)) as ltv_historic, cast(null as decimal(18, 2)) as ltv_margin,
        cast(null as double) as cost_coverage, 500.0::double as average_order_value,
        'store-2026H1' as ltv_segment, cast(null as double) as ltv_simple,
        0.75::double as p_alive, 0.25::double as churn_risk, 'low' as churn_risk_band,
        0.1::double as expected_orders_30d, 0.3::double as expected_orders_90d,
        1.2::double as expected_orders_365d, 400.0::double as expected_order_value,
        cast(40 as decimal(18, 2)) as ltv_predicted_30d,
        cast(120 as decimal(18, 2)) as ltv_predicted_90d,
        cast(480 as decimal(18, 2)) as ltv_predicted_365d,
        cast(980 as decimal(18, 2)) as ltv_total, 'predicted' as prediction_status;
    insert into marts.customer_ltv by name
    select
        '{BEN}' as customer_key, 0 as q_orders, 0 as purchase_days, 0 as ltv_historic,
        'no_purchase' as prediction_status;
    insert into prediction.clv_params by name
    select 'all' as segment, date '2026-01-31' as as_of_date, 'fitted' as status;
    insert into prediction.model_backtest by name
    select 'all' as segment, 'all' as bucket_type, 1.1 as actual_to_predicted;
"""
OF_ANNA = f"update marts.customer_ltv set {{}} where customer_key = '{ANNA}'"


@pytest.fixture
def values(warehouse: Path) -> Path:
    """A customer with one order, predicted, and one without."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(MARTS)
    return warehouse


@pytest.mark.parametrize(
    ("statement", "failed"),
    [
        ("select 1", set()),
        (
            f"update marts.customer_ltv set prediction_status = '' where customer_key = '{BEN}'",
            {
                "prediction_status_known",
                "status_names_who_never_bought",
                "one_status_for_all_buyers",
            },
        ),
        (OF_ANNA.format("churn_risk_band = 'none'"), {"churn_risk_band_known"}),
        (OF_ANNA.format("p_alive = 1.75, churn_risk = -0.75"), {"p_alive_is_a_share"}),
        (OF_ANNA.format("churn_risk = 0.2"), {"predictions_follow_from_each_other"}),
        (OF_ANNA.format("ltv_total = 981"), {"predictions_follow_from_each_other"}),
        (OF_ANNA.format("expected_orders_90d = 0.05"), {"predictions_follow_from_each_other"}),
        (OF_ANNA.format("expected_order_value = 300"), {"predictions_follow_from_each_other"}),
        (OF_ANNA.format("expected_order_value = null"), {"expected_order_value_where_predicted"}),
        (OF_ANNA.format("ltv_segment = null"), {"status_names_who_never_bought"}),
        (OF_ANNA.format("purchase_days = 2"), {"status_names_who_never_bought"}),
        ("delete from prediction.model_backtest", set()),
        (
            "update prediction.model_backtest set actual_to_predicted = 0.79",
            {"backtest_in_range"},
        ),
        (
            "update prediction.model_backtest set actual_to_predicted = 1.26",
            {"backtest_in_range"},
        ),
        ("update prediction.model_backtest set actual_to_predicted = 0.8", set()),
        ("update prediction.clv_params set status = 'failed'", {"fit_succeeded"}),
    ],
)
def test_a_fault_fails_its_rule(
    values: Path, facts: RunFacts, statement: str, failed: set[str]
) -> None:
    assert broken(values, facts, statement) == failed


def test_a_buyer_who_is_not_predicted_is_found(values: Path, facts: RunFacts) -> None:
    """Where others are: without a segment's parameters the join lost somebody."""
    nulls = ", ".join(f"{name} = null" for name in PREDICTIONS)
    lost = OF_ANNA.format(f"{nulls}, prediction_status = 'insufficient_data'")
    assert broken(values, facts, lost) == set()
    other = (
        "update marts.customer_ltv set q_orders = 1, purchase_days = 1, average_order_value = 1, "
        "ltv_segment = 'x', prediction_status = 'insufficient_data' "
        f"where customer_key = '{BEN}'"
    )
    again = OF_ANNA.format("prediction_status = 'predicted'")
    assert "one_status_for_all_buyers" in broken(values, facts, f"{other}; {again}")


def test_a_bad_backtest_warns_and_does_not_stop(values: Path, facts: RunFacts) -> None:
    rules = {rule.name: rule for rule in find_suite("marts.customer_ltv").rules}
    assert rules["backtest_in_range"].severity is Severity.WARNING
    assert rules["fit_succeeded"].severity is Severity.WARNING


def broken(values: Path, facts: RunFacts, statement: str) -> set[str]:
    with duckdb.connect(str(values)) as connection:
        connection.execute(statement)
    results = run_suites(values, [find_suite("marts.customer_ltv")], facts)
    return {result.rule for result in results if not result.passed}
