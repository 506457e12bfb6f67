"""Charts of data with gaps, worked by hand."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import pytest

from charts import FIGURES, formats
from charts.figure import CURRENCY
from words import ENGLISH, JAPANESE

AS_OF = date(2026, 9, 30)


@pytest.fixture
def published() -> duckdb.DuckDBPyConnection:
    """Two years of dates; 700 a day but on Sundays, on which there is no row."""
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            create schema marts;
            create table marts.dim_date as select unnest(
                range(date '2024-10-01', date '{AS_OF}' + 1, interval 1 day))::date as date_key;
            create table marts.dim_store as select 'A' as store_id, 'JPY' as currency;
            create table marts.kpi_daily as
            select 'net_sales' as kpi, 'all' as scope_type, 'all' as scope_key,
                date_key as business_date, 700::decimal(18, 2) as numerator,
                1::decimal(18, 2) as denominator, 700.0::double as value
            from marts.dim_date where isodow(date_key) < 7
            """
        )
        yield connection


def test_a_day_without_sales_is_a_day_of_its_week(published: duckdb.DuckDBPyConnection) -> None:
    figure = FIGURES["net_sales_daily"]
    rows = figure.rows(published)
    assert [row["date"] for row in rows] == [AS_OF - timedelta(days=90 - n) for n in range(91)]
    assert {float(row["value"]) for row in rows if row["date"].isoweekday() == 7} == {0}
    assert {(row["week_mean"], row["year_before_mean"]) for row in rows} == {(600, 600)}
    assert "bring ¥600 a day. That is +0.0 %" in figure.describe(rows, ENGLISH)


def test_a_week_that_is_not_whole_has_no_mean(published: duckdb.DuckDBPyConnection) -> None:
    # The 27th is a Sunday.
    published.execute(f"delete from marts.kpi_daily where business_date < date '{AS_OF}' - 3")
    figure = FIGURES["net_sales_daily"]
    rows = figure.rows(published)
    assert rows[-1]["week_mean"] is None
    assert figure.describe(rows, ENGLISH).endswith("of the 3 days up to 2026-09-30 Wed.")
    assert figure.describe(rows, JAPANESE).endswith("。")


def test_less_than_any_target_is_the_best_that_is_drawn(
    published: duckdb.DuckDBPyConnection,
) -> None:
    """No complaint at all; and a median reply of 40 minutes where 60 were asked for."""
    published.execute(
        f"""
        alter table marts.dim_store add column store_name varchar;
        create table marts.kpi_scorecard as
        select *, 'all' as scope_type, 'all' as scope_key, date '2026-09-01' as period_start,
            date '2026-09-30' as period_end, 'down' as direction, date '{AS_OF}' as measured_to,
            null::double as yoy_value, 'met' as status
        from (values ('complaint_rate', 'per_thousand', 5.0, 0.0, 5.0),
            ('first_reply_p50', 'minutes', 60.0, 40.0, 60.0)
        ) t(kpi, unit, target_value, actual_to_date, pace_target)
        """
    )
    rows = FIGURES["scorecard_pace"].rows(published)
    assert [(row["kpi"], float(row["pace_ratio"])) for row in rows] == [
        ("complaint_rate", 1.5),
        ("first_reply_p50", 1.5),
    ]


@pytest.mark.parametrize(
    ("stores", "currency"),
    [
        ("('A', 'USD'), ('B', 'JPY'), ('C', 'USD'), ('D', null)", "USD"),
        ("('A', 'USD'), ('B', 'JPY')", "JPY"),
        ("('A', null)", "JPY"),
    ],
)
def test_the_currency_is_that_of_most_stores(stores: str, currency: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create schema marts; create table marts.dim_store as "
            f"from (values {stores}, (null, null::varchar)) t(store_id, currency)"
        )
        assert connection.execute(f"select {CURRENCY}").fetchone() == (currency,)


def test_nobody_who_bought_twice_is_said_so() -> None:
    row = {"step": 2, "matured_customers": 1200, "matured_reached": 0, "reach_rate": 0.0}
    told = FIGURES["repeat_funnel"].describe([row | {"half_within": "–"}], ENGLISH)
    assert told.startswith("None of 1,200 customers")


@pytest.mark.parametrize(
    ("largest", "currency", "spelling"),
    [(250, "JPY", ",.0f"), (4, "JPY", ",.1f"), (4, "USD", ",.2f"), (0.3, "JPY", ",.2f")],
)
def test_an_axis_of_small_amounts_has_decimals(
    largest: float, currency: str, spelling: str
) -> None:
    assert formats.axis_of(largest, currency) == spelling
