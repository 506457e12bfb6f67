"""From the warehouse to the tables of predictions: when, from what, and never a crash."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from prediction import ltv, tables
from prediction.ltv import Gate, fit_date, fit_ltv
from prediction.mbg_nbd import Params
from tests.prediction.conftest import simulate

AS_OF = date(2026, 9, 30)
GATE = Gate(500, 180)
SMALL = Gate(1, 0)
DAY = timedelta(days=1)

Day = tuple[str, date, float]


def shop(customers: int = 1_500, seed: int = 1) -> list[Day]:
    """Purchase days of customers who come by MBG/NBD, from three channels."""
    generator = np.random.default_rng(seed)
    x, t_x, end = simulate(Params(0.9, 4.0, 0.4, 3.0), customers, 80, seed, youngest=0.0)
    days = []
    for number in range(customers):
        first = AS_OF - timedelta(days=int(end[number] * 7))
        # Given how many and the last, the purchases between are spread evenly.
        between = generator.uniform(0, t_x[number], max(int(x[number]) - 1, 0))
        later = set(np.ceil(np.append(between, t_x[number]) * 7).astype(int))
        name = f"{('store', 'ec', 'app')[number % 3]}{number:05d}"
        days += [
            (name, first + int(offset) * DAY, round(float(generator.gamma(4, 250)), 2))
            for offset in sorted({0, *later})
        ]
    return [day for day in days if day[1] <= AS_OF]


def warehouse(days: list[Day], as_of: date = AS_OF) -> duckdb.DuckDBPyConnection:
    """The tables that the fit reads, as the models of intermediate would make them."""
    connection = duckdb.connect()
    connection.execute("create schema intermediate")
    bought = pa.table(
        {name: list(column) for name, column in zip("kdm", zip(*days, strict=True), strict=True)}
    )
    connection.register("bought", bought)
    connection.execute(
        """
        create table intermediate.int_purchase_days as
        select
            k as customer_key, d as business_date, m::decimal(18, 2) as net_sales,
            row_number() over (partition by k order by d) as day_number, 1 as q_orders
        from bought
        """
    )
    connection.execute(
        f"""
        create table intermediate.int_ltv_inputs as
        select
            customer_key,
            regexp_extract(customer_key, '[a-z]+') || '-' || year(min(business_date))
            || if(month(min(business_date)) <= 6, 'H1', 'H2') as ltv_segment,
            min(business_date) as first_q_date, max(business_date) as last_q_date,
            sum(q_orders) as q_orders, count(*) - 1 as repeat_days,
            date_diff('day', min(business_date), date '{as_of}') as days_observed
        from intermediate.int_purchase_days group by customer_key
        """
    )
    connection.execute(
        "create table intermediate.int_membership_terms "
        "(membership_months bigint, term_number bigint, outcome varchar)"
    )
    return connection


def rows(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple]:
    return connection.execute(f"from prediction.{name} order by all").fetchall()


def status(connection: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    return connection.execute(
        "select status, message from prediction.clv_params where segment = 'all'"
    ).fetchone()


@pytest.fixture(scope="module")
def days() -> list[Day]:
    return shop()


@pytest.fixture(scope="module")
def fitted(days: list[Day]) -> duckdb.DuckDBPyConnection:
    connection = warehouse(days)
    report = fit_ltv(connection, AS_OF, GATE)
    assert report.status == "fitted", report.message
    return connection


def test_every_customer_finds_parameters_and_factors(fitted: duckdb.DuckDBPyConnection) -> None:
    """What the mart joins: one row of each for every segment, number of repeats and age."""
    missing = fitted.execute(
        """
        select count(*) from intermediate.int_ltv_inputs as i
        cross join (values (30), (90), (365)) as h (days)
        left join prediction.clv_params as p on p.segment = i.ltv_segment
        left join prediction.clv_growth as g
            on g.segment = i.ltv_segment and g.repeat_days = i.repeat_days
            and g.days_observed = i.days_observed and g.horizon_days = h.days
        where p.r is null or p.q is null or g.growth is null
        """
    ).fetchone()
    assert missing == (0,)
    repeated = fitted.execute(
        "select count(*) from (select 1 from prediction.clv_growth "
        "group by segment, repeat_days, days_observed, horizon_days having count(*) > 1)"
    ).fetchone()
    assert repeated == (0,)


def test_parameters_say_what_they_are_of(fitted: duckdb.DuckDBPyConnection) -> None:
    found = fitted.execute(
        "select segment, parent_segment, as_of_date, fit_date, model, customers, status "
        "from prediction.clv_params order by segment"
    ).fetchall()
    assert found[0][:5] == ("all", None, AS_OF, date(2026, 9, 27), "mbg_nbd")
    parents = {row[0]: row[1] for row in found}
    assert parents["store"] == "all"
    assert parents["store-2026H1"] == "store"
    whole = {row[0]: row[5] for row in found}
    assert whole["all"] == whole["store"] + whole["ec"] + whole["app"]


def test_order_of_rows_in_the_warehouse_does_not_matter(
    days: list[Day], fitted: duckdb.DuckDBPyConnection
) -> None:
    order = np.random.default_rng(2).permutation(len(days))
    other = warehouse([days[n] for n in order])
    fit_ltv(other, AS_OF, GATE)
    for name in tables.TABLES:
        assert rows(other, name) == rows(fitted, name)


def test_a_second_fit_changes_nothing(days: list[Day], fitted: duckdb.DuckDBPyConnection) -> None:
    before = {name: rows(fitted, name) for name in tables.TABLES}
    fit_ltv(fitted, AS_OF, GATE)
    assert {name: rows(fitted, name) for name in tables.TABLES} == before


def test_fits_are_of_sundays() -> None:
    assert date(2026, 9, 27).isoweekday() == 7
    assert fit_date(date(2026, 9, 27)) == date(2026, 9, 27)
    assert {fit_date(date(2026, 9, 27) + n * DAY) for n in range(7)} == {date(2026, 9, 27)}
    assert fit_date(date(2026, 10, 4)) == date(2026, 10, 4)


def test_parameters_stand_still_within_a_week(days: list[Day]) -> None:
    """Purchases after Sunday are scored and not fitted."""
    upto = [day for day in days if day[1] <= date(2026, 9, 27)]
    found = []
    for as_of, known in ((date(2026, 9, 28), upto), (AS_OF, days)):
        connection = warehouse(known, as_of)
        fit_ltv(connection, as_of, GATE)
        found.append(
            connection.execute(
                "select r, alpha, a, b, p, q, gamma from prediction.clv_params "
                "where segment = 'all'"
            ).fetchone()
        )
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("gate", "change", "message"),
    [
        (Gate(1_501, 180), lambda days: days, "1500 customers, fewer than 1501"),
        (Gate(500, 2_000), lambda days: days, "days of history, fewer than 2000"),
        (GATE, lambda days: [d for d in days if d[1] < AS_OF - 29 * DAY], "no order in the last"),
        (GATE, lambda days: _at_most_two(days), "nobody has 3 orders"),
        (GATE, lambda days: days[:1], "1 customers, fewer than 500"),
    ],
)
def test_too_little_is_said_and_not_predicted(
    days: list[Day], gate: Gate, change: object, message: str
) -> None:
    connection = warehouse(change(days))
    report = fit_ltv(connection, AS_OF, gate)
    assert report.status == "insufficient_data"
    assert status(connection)[0] == "insufficient_data"
    assert message in status(connection)[1]
    assert rows(connection, "clv_growth") == []
    assert rows(connection, "model_backtest") == []
    assert len(rows(connection, "clv_params")) == 1


def test_an_order_29_days_ago_is_recent(days: list[Day]) -> None:
    connection = warehouse([day for day in days if day[1] <= AS_OF - 29 * DAY])
    assert fit_ltv(connection, AS_OF, GATE).status == "fitted"


def test_a_warehouse_without_orders_is_no_fault(days: list[Day]) -> None:
    connection = warehouse(days)
    for table in ("int_purchase_days", "int_ltv_inputs"):
        connection.execute(f"delete from intermediate.{table}")
    for gate in (GATE, Gate(0, 0)):
        assert fit_ltv(connection, AS_OF, gate).status == "insufficient_data"


def test_a_fit_that_cannot_be_is_a_status_and_no_crash(days: list[Day]) -> None:
    """Three orders on one day and never again: through the gate, and nothing to fit."""
    first = {day[0]: day for day in reversed(days)}
    connection = warehouse(list(first.values()))
    for table in ("int_purchase_days", "int_ltv_inputs"):
        connection.execute(f"update intermediate.{table} set q_orders = 3")
    report = fit_ltv(connection, AS_OF, GATE)
    assert report.status == "failed"
    assert "nobody bought again" in status(connection)[1]
    assert rows(connection, "clv_growth") == []


def test_the_backtest_does_not_see_what_it_predicts(days: list[Day]) -> None:
    cut = AS_OF - 180 * DAY
    predicted = []
    for known in (days, [day for day in days if day[1] <= cut or day[1] > AS_OF - 20 * DAY]):
        connection = warehouse(known)
        fit_ltv(connection, AS_OF, GATE)
        predicted.append(
            connection.execute(
                "select customers, predicted_orders, actual_orders, fit_until, predicted_until "
                "from prediction.model_backtest where segment = 'all' and bucket_type = 'all'"
            ).fetchone()
        )
    assert predicted[0][:2] == predicted[1][:2]
    assert predicted[0][2] > predicted[1][2]
    assert predicted[0][3:] == (cut, AS_OF)


def test_the_backtest_holds_on_customers_who_live_by_the_model(
    fitted: duckdb.DuckDBPyConnection,
) -> None:
    ratio, mae, naive = fitted.execute(
        "select actual_to_predicted, mae, naive_mae from prediction.model_backtest "
        "where segment = 'all' and bucket_type = 'all'"
    ).fetchone()
    assert 0.85 < ratio < 1.15
    assert mae < naive


def test_memberships_are_fitted_by_their_length(days: list[Day]) -> None:
    connection = warehouse(days)
    connection.execute(
        """
        insert into intermediate.int_membership_terms
        select 12, term, outcome from (values
            (1, 'left', 131), (1, 'renewed', 869), (2, 'left', 126), (2, 'renewed', 743),
            (3, 'left', 90), (3, 'renewed', 653), (4, 'left', 60), (4, 'renewed', 593),
            (5, 'left', 42), (5, 'renewed', 551), (6, 'left', 34), (6, 'renewed', 517),
            (7, 'left', 26), (7, 'renewed', 491), (8, 'running', 491)
        ) as terms (term, outcome, members), range(members)
        """
    )
    connection.execute("insert into intermediate.int_membership_terms values (1, 1, 'running')")
    assert fit_ltv(connection, AS_OF, Gate(10_000, 0)).memberships == 2
    found = connection.execute(
        "select membership_months, round(alpha, 3), round(beta, 3), memberships, "
        "memberships_left, status from prediction.sbg_params order by membership_months"
    ).fetchall()
    assert found == [(1, None, None, 1, 0, "failed"), (12, 0.668, 3.806, 1000, 509, "fitted")]
    curve = connection.execute(
        "select membership_months, term, round(retention, 3) from prediction.sbg_curve "
        "order by term limit 2"
    ).fetchall()
    assert curve == [(12, 1, 0.851), (12, 2, 0.878)]


def test_tables_are_there_before_any_fit(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        tables.prepare(connection)
        tables.prepare(connection)
        for name in tables.TABLES:
            assert rows(connection, name) == []


def test_scores_hold_on_segments_that_began_after_the_fit(days: list[Day]) -> None:
    """The first customer of a channel came on Monday; the fit is of Sunday."""
    connection = warehouse([*days, ("kiosk1", date(2026, 9, 28), 5.0)])
    fit_ltv(connection, AS_OF, GATE)
    found = connection.execute(
        "select status, customers, r is not null from prediction.clv_params "
        "where segment = 'kiosk-2026H2'"
    ).fetchone()
    assert found == ("pooled", 0, True)


def _at_most_two(days: list[Day]) -> list[Day]:
    seen: dict[str, int] = {}
    kept = []
    for day in days:
        seen[day[0]] = seen.get(day[0], 0) + 1
        if seen[day[0]] <= 2:
            kept.append(day)
    return kept


def test_report_counts_segments(fitted: duckdb.DuckDBPyConnection) -> None:
    assert ltv.segment_names(fitted) == sorted(ltv.segment_names(fitted))
    assert len(ltv.segment_names(fitted)) >= 9
