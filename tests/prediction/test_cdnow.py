"""CDNOW through the pipeline's own tables: receipts in, published answers and scores out.

Receipts are put in as the model of receipts would make them, and dbt builds what follows; the whole
job on the same data is `make cdnow`.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from evaluation import cdnow
from evaluation.cdnow import CALIBRATION_END, Purchase
from prediction.ltv import Gate, fit_ltv
from tests.dbt.conftest import Warehouse

INTERMEDIATE = (
    "int_purchase_days",
    "int_customer_cohorts",
    "int_ltv_inputs",
    "int_ltv_segments",
)
MADE = """
    create schema intermediate;
    create schema marts;
    create table intermediate.int_stores as select 'CDNOW' as store_id, 'ec' as channel;
    create table intermediate.int_customers as
    select distinct
        customer as customer_key, false as is_internal, cast(null as date) as member_since
    from purchases;
    create table marts.dim_customer as from intermediate.int_customers;
    create table intermediate.int_sales_receipts as
    select
        'R' || row_number() over (order by day, customer, amount) as receipt_id,
        'CDNOW' as store_id, customer as customer_key, day as business_date,
        cast(day as timestamp) + interval 12 hour as closed_at,
        amount as net_sales_order_dated, amount > 0 as is_qualifying
    from purchases;
    create view intermediate.int_receipts as
    select receipt_id, business_date from intermediate.int_sales_receipts;
    create table intermediate.int_customer_values as
    select
        customer as customer_key, cast(sum(amount) as decimal(18, 2)) as ltv_historic,
        cast(null as decimal(18, 2)) as ltv_margin, cast(null as double) as cost_coverage
    from purchases group by customer;
    create table intermediate.int_membership_terms
        (membership_months bigint, term_number bigint, outcome varchar);
"""


def fill(folder: Path, purchases: list[Purchase]) -> Warehouse:
    """A warehouse with the receipts of the calibration."""
    warehouse = Warehouse(folder / "warehouse.duckdb", folder / "target")
    known = [purchase for purchase in purchases if purchase.day <= CALIBRATION_END]
    rows = pa.table({name: [getattr(p, name) for p in known] for name in vars(known[0])})
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.register("purchases", rows)
        connection.execute(MADE)
    return warehouse


def run(warehouse: Warehouse, *models: str) -> None:
    night = {"as_of_date": str(CALIBRATION_END)}
    result = warehouse.dbt("run", "--quiet", "--select", *models, variables=night)
    assert result.success, result.exception


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory, purchases: list[Purchase]) -> Warehouse:
    """The night of the last day of calibration, up to the mart."""
    warehouse = fill(tmp_path_factory.mktemp("cdnow"), purchases)
    run(warehouse, *INTERMEDIATE)
    with duckdb.connect(str(warehouse.path)) as connection:
        report = fit_ltv(connection, CALIBRATION_END, Gate())
    assert report.status == "fitted", report.message
    run(warehouse, "customer_ltv")
    return warehouse


def test_published_answers_come_out_of_the_pipelines_tables(
    calibrated: Warehouse, purchases: list[Purchase]
) -> None:
    with duckdb.connect(str(calibrated.path), read_only=True) as connection:
        known, keys = cdnow.read_calibration(connection)
    days = {(p.customer, p.day) for p in purchases if p.day > CALIBRATION_END}
    later = Counter(customer for customer, _ in days)
    bought = np.array([float(later[key]) for key in keys])
    checks = [*cdnow.known_answers(known), *cdnow.hold_out(known, bought)]
    assert len(checks) >= 20
    assert [check for check in checks if not check.holds] == []


def test_scores_in_sql_equal_those_of_scipy(calibrated: Warehouse) -> None:
    with duckdb.connect(str(calibrated.path), read_only=True) as connection:
        assert cdnow.scoring_gap(connection) < 1e-9


def test_every_customer_is_predicted(calibrated: Warehouse) -> None:
    assert calibrated.query(
        "select prediction_status, count(*), count(ltv_total), count(p_alive) "
        "from marts.customer_ltv group by 1"
    ) == [("predicted", 2357, 2357, 2357)]


def test_parameters_of_the_night_are_of_its_last_sunday(calibrated: Warehouse) -> None:
    """Two days less than the papers': near their answers, and not equal to them."""
    [(fitted, r, alpha, q)] = calibrated.query(
        "select fit_date, r, alpha, q from prediction.clv_params where segment = 'ec-new'"
    )
    assert fitted.isoformat() == "1997-09-28"
    assert (r, alpha, q) == pytest.approx((0.5248, 6.183, 3.744), rel=0.05)
