"""KPIs of a period on days made by hand: which days count, and what they are compared with."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import pytest

from dashboard.chapters.overview import SALES_OF_A_STORE
from dashboard.data import Version
from dashboard.kpis import KPIS, measured, year_before
from dashboard.view import View
from plans.kpis import all_kpis
from words import Words

AS_OF = date(2026, 9, 30)
DAYS = 500
"""Net sales of day n before the as-of date are n, of 2 receipts; of members there are 1,000 - n."""
CLOSED_ON_SUNDAYS, OPENED_LATE, SHUT, SELDOM = "S1", "S2", "S3", "S4"
"""Stores that sell for 1 a day: the second opened 300 days ago, the third closed 200 days ago.

The fourth opened long ago and sells on days that end in 5.
"""


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    file = tmp_path_factory.mktemp("kpis") / "crm.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            f"""
            create table marts.kpi_daily as
            select kpi, date '{AS_OF}' - n::integer as business_date, 'all' as scope_type,
                'all' as scope_key, numerator, denominator, numerator / denominator as value
            from range({DAYS}) as days(n), lateral (values
                ('net_sales', n, 1), ('aov', n, 2), ('members', 1000 - n, 1),
                ('churn_rate', 1000 - n, 1)
            ) as kpis(kpi, numerator, denominator)
            """
        )
        connection.execute(
            f"""
            insert into marts.kpi_daily
            select 'net_sales', business_date, 'store', store, 1, 1, 1
            from marts.kpi_daily, (values ('{CLOSED_ON_SUNDAYS}'), ('{OPENED_LATE}'), ('{SHUT}'),
                ('{SELDOM}')) as stores(store)
            where kpi = 'net_sales' and case store
                when '{CLOSED_ON_SUNDAYS}' then isodow(business_date) < 7
                when '{OPENED_LATE}' then business_date > date '{AS_OF}' - 300
                when '{SELDOM}' then (date '{AS_OF}' - business_date) % 10 = 5
                else business_date <= date '{AS_OF}' - 200 end;
            create table marts.dim_store as
            from (values
                ('{CLOSED_ON_SUNDAYS}', date '2020-01-01', null::date, 'JPY'),
                ('{OPENED_LATE}', date '{AS_OF}' - 299, null, 'JPY'),
                ('{SELDOM}', date '2020-01-01', null, 'JPY'),
                ('{SHUT}', null, date '{AS_OF}' - 200, 'JPY')
            ) as stores(store_id, opened_on, closed_on, currency);
            create table marts.dim_date as
            select distinct business_date as date_key from marts.kpi_daily;
            """
        )
    return View(Version("made by hand", AS_OF, file, file.stat().st_mtime_ns), Words("en"))


def test_a_period_is_its_days_and_no_other(view: View) -> None:
    found = {one.kpi.name: one for one in measured(view, "all", 28)}
    sales = sum(range(28))
    a_year_before = sum(range(364, 392))
    assert (found["net_sales"].value, found["net_sales"].before) == (sales, a_year_before)
    assert (found["aov"].value, found["aov"].before) == (sales / 56, a_year_before / 56)
    assert (found["members"].value, found["members"].before) == (1000, 1000 - 364)
    assert found["net_sales"].change == pytest.approx(sales / a_year_before - 1)
    assert found["receipts"].value is None


def test_a_year_before_the_data_is_no_year_before(view: View) -> None:
    found = {one.kpi.name: one for one in measured(view, "all", 182)}
    assert found["net_sales"].value == sum(range(182))
    assert found["net_sales"].before is None
    assert found["net_sales"].change is None


def test_a_share_that_grows_through_a_month_meets_the_same_day_of_the_month(view: View) -> None:
    found = {one.kpi.name: one for one in measured(view, "all", 91)}
    a_year_before = (AS_OF - date(2025, 9, 30)).days
    assert (found["churn_rate"].value, found["churn_rate"].before) == (1000, 1000 - a_year_before)


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2026, 9, 30), date(2025, 9, 30)),
        (date(2026, 10, 1), date(2025, 10, 1)),
        (date(2028, 2, 29), date(2027, 2, 28)),
        (date(2029, 2, 28), date(2028, 2, 29)),
        (date(2028, 2, 28), date(2027, 2, 28)),
    ],
)
def test_the_same_day_of_the_month_a_year_before(day: date, before: date) -> None:
    assert year_before(day) == before


def test_kpis_of_a_month_are_those_of_the_definitions() -> None:
    kinds = {kpi.name: kpi.kind for kpi in all_kpis().values()}
    of_a_month = {kpi.name for kpi in KPIS if kpi.kind == "month_rate"}
    assert of_a_month == {kpi.name for kpi in KPIS if kinds[kpi.name] == "month_rate"} != set()


def test_a_day_without_sales_takes_no_change_away(view: View) -> None:
    """The store is closed on Sundays, the first day of both periods is one, and it was open."""
    found = {one.kpi.name: one for one in measured(view, CLOSED_ON_SUNDAYS, 25)}
    assert (AS_OF - timedelta(days=24)).isoweekday() == 7
    assert (found["net_sales"].value, found["net_sales"].before) == (21, 21)


def test_a_store_that_was_open_has_a_year_before_although_its_first_sale_came_later(
    view: View,
) -> None:
    found = {one.kpi.name: one for one in measured(view, SELDOM, 134)}
    assert (found["net_sales"].value, found["net_sales"].before) == (13, 14)


def test_a_store_has_no_year_before_it_opened(view: View) -> None:
    found = {one.kpi.name: one for one in measured(view, OPENED_LATE, 28)}
    assert found["net_sales"].value == 28
    assert found["net_sales"].before is None


def test_sales_of_a_store_count_its_closed_days(view: View) -> None:
    rows = view.rows(SALES_OF_A_STORE, store=CLOSED_ON_SUNDAYS, end=AS_OF)
    assert [row["date"] for row in (rows[0], rows[-1])] == [AS_OF - timedelta(days=90), AS_OF]
    assert len(rows) == 91
    assert sum(row["value"] for row in rows) == 78
    for row in rows:
        assert row["week_mean"] == row["year_before_mean"] == pytest.approx(6 / 7)


def test_sales_of_a_store_end_when_it_closed(view: View) -> None:
    assert view.rows(SALES_OF_A_STORE, store=SHUT, end=AS_OF) == []
